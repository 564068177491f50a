//! A [`Connection`]: statements to one database, whatever its driver.

use crate::trouble::Fault;

/// A value that goes to the database or comes from it. Times travel as microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    /// A list; only `PostgreSQL` has it.
    Ints(Vec<i64>),
    /// A list; only `PostgreSQL` has it.
    Texts(Vec<String>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A row of an answer.
#[derive(Debug)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    pub(crate) fn int(&self, index: usize) -> Result<i64, Fault> {
        self.optional_int(index)?.ok_or_else(|| unexpected(index))
    }

    pub(crate) fn optional_int(&self, index: usize) -> Result<Option<i64>, Fault> {
        match self.0.get(index) {
            Some(Value::Int(number)) => Ok(Some(*number)),
            Some(Value::Null) => Ok(None),
            _ => Err(unexpected(index)),
        }
    }

    pub(crate) fn text(&self, index: usize) -> Result<&str, Fault> {
        self.optional_text(index)?.ok_or_else(|| unexpected(index))
    }

    pub(crate) fn optional_text(&self, index: usize) -> Result<Option<&str>, Fault> {
        match self.0.get(index) {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(unexpected(index)),
        }
    }
}

fn unexpected(index: usize) -> Fault {
    Fault::Refused(format!("column {index} of the answer is not as expected: check the tables' definition"))
}

pub(crate) trait Connection: Send {
    /// Runs a statement; the number of rows that it changed, inserted or deleted.
    fn execute(&mut self, statement: &str, values: &[Value]) -> Result<u64, Fault>;

    /// Runs a statement that answers rows of numbers and texts.
    fn query(&mut self, statement: &str, values: &[Value]) -> Result<Vec<Row>, Fault>;

    /// Runs statements without values that answer nothing.
    fn run(&mut self, statements: &str) -> Result<(), Fault>;
}
