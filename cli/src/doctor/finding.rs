//! A [`Finding`]: one thing that was looked at.

/// What the doctor says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    Good,
    /// To be known; it works all the same.
    Warning,
    /// To be cured.
    Bad,
    /// It could not be looked at, or is not there.
    Unknown,
}

impl Grade {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing that was looked at. Nothing in it is a token or a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    name: String,
    grade: Grade,
    found: String,
    cure: Option<String>,
}

impl Finding {
    pub(super) fn good(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, Grade::Good, found)
    }

    pub(super) fn warning(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, Grade::Warning, found)
    }

    pub(super) fn bad(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, Grade::Bad, found)
    }

    pub(super) fn unknown(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, Grade::Unknown, found)
    }

    fn new(name: &str, grade: Grade, found: impl Into<String>) -> Self {
        Self { name: name.to_owned(), grade, found: found.into(), cure: None }
    }

    /// What cures it; several lines where several are to be written somewhere.
    pub(super) fn cure(self, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()), ..self }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn grade(&self) -> Grade {
        self.grade
    }

    pub(super) fn found(&self) -> &str {
        &self.found
    }

    pub(super) fn its_cure(&self) -> Option<&str> {
        self.cure.as_deref()
    }
}
