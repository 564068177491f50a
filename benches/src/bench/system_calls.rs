//! The system calls of a warm call, by name: what strace counts in many calls beyond what it counts
//! in few. It shows too that no name is looked up and no thread is started.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use super::client::Client;
use super::testbed::Testbed;

const CALLS: u32 = 200;

pub struct Row {
    pub client: Client,
    /// A call; `None` when strace cannot be used here.
    pub a_call: Option<BTreeMap<String, f64>>,
}

pub fn measure(testbed: &Testbed) -> Vec<Row> {
    let row = |client| Row { client, a_call: a_call(client, testbed) };
    Client::ALL.into_iter().map(row).collect()
}

fn a_call(client: Client, testbed: &Testbed) -> Option<BTreeMap<String, f64>> {
    let few = counted(client, testbed, CALLS)?;
    let many = counted(client, testbed, 2 * CALLS)?;
    let more = |(name, count): (String, u32)| {
        let more = count.saturating_sub(few.get(&name).copied().unwrap_or(0));
        (name, f64::from(more) / f64::from(CALLS))
    };
    Some(many.into_iter().map(more).filter(|(_, a_call)| *a_call >= 0.05).collect())
}

fn counted(client: Client, testbed: &Testbed, calls: u32) -> Option<BTreeMap<String, u32>> {
    let table = testbed.folder().join("strace");
    let client = client.command(testbed, false);
    let mut strace = Command::new("strace")
        .args(["-f", "-c", "-U", "calls,name", "-o"])
        .arg(&table)
        .arg(client.get_program())
        .args(client.get_args())
        .envs(client.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    writeln!(strace.stdin.take()?, "round {calls}").ok()?;
    if !strace.wait().ok()?.success() {
        return None;
    }
    Some(fs::read_to_string(table).ok()?.lines().filter_map(count_and_name).collect())
}

/// A line of strace's table; headings and the total have no number and name of a call.
fn count_and_name(line: &str) -> Option<(String, u32)> {
    let mut words = line.split_whitespace();
    let (count, name) = (words.next()?.parse().ok()?, words.next()?);
    (name != "total" && words.next().is_none()).then(|| (name.to_owned(), count))
}
