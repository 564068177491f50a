//! The mock's clock. Tests set it wrong on purpose: error 136 and the `Date` header follow it.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// How the mock's clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The system's clock plus so many seconds.
    Offset(i64),
    /// Stands still at this Unix time.
    Fixed(i64),
}

pub(crate) struct WallClock {
    setting: Mutex<Clock>,
    at_start: Clock,
}

impl WallClock {
    pub(crate) fn new(setting: Clock) -> Self {
        Self { setting: Mutex::new(setting), at_start: setting }
    }

    pub(crate) fn set(&self, setting: Clock) {
        *self.setting.lock().unwrap_or_else(PoisonError::into_inner) = setting;
    }

    pub(crate) fn reset(&self) {
        self.set(self.at_start);
    }

    /// What the mock takes for the current Unix time.
    pub(crate) fn seconds(&self) -> i64 {
        match *self.setting.lock().unwrap_or_else(PoisonError::into_inner) {
            Clock::Offset(offset) => unix_milliseconds().div_euclid(1000).saturating_add(offset),
            Clock::Fixed(seconds) => seconds,
        }
    }
}

/// The true time, for the ledger and the log.
pub(crate) fn unix_milliseconds() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// `17:40:14.123`, in UTC.
pub(crate) fn time_of_day(milliseconds: i64) -> String {
    let of_day = milliseconds.rem_euclid(86_400_000);
    let (hours, minutes) = (of_day / 3_600_000, of_day / 60_000 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:03}", of_day / 1000 % 60, of_day % 1000)
}

/// The date of an HTTP header, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(seconds: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil_date(days);
    let name = |names: &[&'static str], index: i64| {
        usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or("")
    };
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        name(&WEEKDAYS, days.rem_euclid(7)),
        name(&MONTHS, month - 1),
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Year, month and day of a day since 1970-01-01; Howard Hinnant's `civil_from_days`.
fn civil_date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
