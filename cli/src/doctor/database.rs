//! An outbox in a database.

use oo_webhooks_store_sql::location::Location;
use oo_webhooks_store_sql::store::SqlStore;

use super::finding::Finding;

pub(super) fn look(location: &Location) -> Vec<Finding> {
    let opened = SqlStore::open(location);
    let examined = opened.and_then(|mut store| {
        store.set_patience(std::time::Duration::from_secs(5));
        store.examine()
    });
    let seen = match examined {
        Ok(seen) => seen,
        Err(trouble) => return vec![Finding::bad("database", trouble.message())],
    };
    let mut findings = vec![Finding::good("database", location.to_string())];
    for observation in seen {
        let name = format!("database {}", observation.name);
        findings.push(match observation.complaint {
            None => Finding::good(&name, observation.found),
            Some(complaint) if complaint.is_grave => {
                Finding::bad(&name, observation.found).cure(complaint.cure)
            }
            Some(complaint) => Finding::warning(&name, observation.found).cure(complaint.cure),
        });
    }
    findings
}
