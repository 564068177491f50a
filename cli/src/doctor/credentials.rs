//! Credentials by their shape; they are never shown.

use std::env;

use super::finding::Finding;

/// Lengths as onOffice gives them out: docs/api-facts.md.
const TOKEN_LENGTH: usize = 32;
const SECRET_LENGTH: usize = 64;

pub(super) fn look() -> Vec<Finding> {
    let read = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    judge(read("ON_OFFICE_TOKEN").as_deref(), read("ON_OFFICE_SECRET").as_deref())
}

fn judge(token: Option<&str>, secret: Option<&str>) -> Vec<Finding> {
    if let (Some(token), Some(secret)) = (token, secret)
        && token.len() == SECRET_LENGTH
        && secret.len() == TOKEN_LENGTH
    {
        let found = "the token is as long as a secret, and the secret as long as a token";
        return vec![
            Finding::bad("credentials", found).cure("exchange ON_OFFICE_TOKEN and ON_OFFICE_SECRET"),
        ];
    }
    vec![
        one("token", "ON_OFFICE_TOKEN", token, TOKEN_LENGTH),
        one("secret", "ON_OFFICE_SECRET", secret, SECRET_LENGTH),
    ]
}

fn one(name: &str, variable: &str, value: Option<&str>, usual: usize) -> Finding {
    let Some(value) = value else {
        return Finding::bad(name, format!("{variable} is not set"))
            .cure(format!("set {variable}: onOffice enterprise shows it where an API user is made"));
    };
    let length = value.chars().count();
    let edge = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>');
    if value.starts_with(edge) || value.ends_with(edge) {
        return Finding::bad(name, format!("{variable} begins or ends with a space, a quote or a bracket"))
            .cure(format!("write {variable} without it"));
    }
    if !value.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Finding::warning(name, format!("{variable} has other characters than letters and digits"))
            .cure("copy it again, if calls are not authenticated");
    }
    if length != usual {
        return Finding::warning(name, format!("{variable} has {length} characters; usual are {usual}"))
            .cure("copy it again, if calls are not authenticated");
    }
    Finding::good(name, format!("{length} letters and digits"))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::*;

    #[test]
    fn each_mistake_has_a_verdict_and_is_not_shown() {
        let (token, secret) = ("a1".repeat(16), "b2".repeat(32));
        for (given, grades) in [
            ((Some(token.as_str()), Some(secret.as_str())), vec![Grade::Good, Grade::Good]),
            ((None, Some(secret.as_str())), vec![Grade::Bad, Grade::Good]),
            ((Some(secret.as_str()), Some(token.as_str())), vec![Grade::Bad]),
            ((Some("\"geheim\""), Some("geheim ")), vec![Grade::Bad, Grade::Bad]),
            ((Some("geheim"), Some("ge-heim")), vec![Grade::Warning, Grade::Warning]),
        ] {
            let findings = judge(given.0, given.1);
            let found: Vec<Grade> = findings.iter().map(Finding::grade).collect();
            assert_eq!(found, grades, "{findings:?}");
            assert!(!format!("{findings:?}").contains("heim"));
        }
    }
}
