//! A [`Finding`]: one thing that was looked at.

/// What the doctor says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    /// To be known; it works all the same.
    Warning,
    /// To be cured.
    Bad,
    /// It could not be looked at, or is not there.
    Unknown,
}

impl Verdict {
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
    verdict: Verdict,
    found: String,
    cure: Option<String>,
}

impl Finding {
    pub(super) fn good(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, Verdict::Good, found)
    }

    pub(super) fn warning(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, Verdict::Warning, found)
    }

    pub(super) fn bad(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, Verdict::Bad, found)
    }

    pub(super) fn unknown(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, Verdict::Unknown, found)
    }

    fn new(name: &str, verdict: Verdict, found: impl Into<String>) -> Self {
        Self { name: name.to_owned(), verdict, found: found.into(), cure: None }
    }

    /// What cures it; several lines where several are to be written somewhere.
    pub(super) fn cure(self, cure: impl Into<String>) -> Self {
        Self { cure: Some(cure.into()), ..self }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn verdict(&self) -> Verdict {
        self.verdict
    }

    pub(super) fn found(&self) -> &str {
        &self.found
    }

    pub(super) fn its_cure(&self) -> Option<&str> {
        self.cure.as_deref()
    }
}
