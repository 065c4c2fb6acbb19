//! Every limit has an attack that it stops: `tests/hostile/limits.json` names one for each field of `Limits`.

use std::collections::BTreeMap;

use super::source::Source;

/// Public fields of `struct Limits` in `text`.
pub(super) fn fields(text: &str) -> Vec<String> {
    let code = Source::new(text).code;
    let Some(at) = code.find("struct Limits") else {
        return Vec::new();
    };
    let body = code[at..].split('}').next().unwrap_or_default();
    body.lines()
        .filter_map(|line| line.trim().strip_prefix("pub "))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name.trim().to_owned())
        .collect()
}

/// Fields without an attack, attacks that no list has, and rows for limits that are gone.
pub(super) fn uncovered(limits: &str, rows: &str, lists: &[&str]) -> Vec<String> {
    let rows: BTreeMap<String, String> = match serde_json::from_str(rows) {
        Ok(rows) => rows,
        Err(error) => return vec![format!("limits.json: {error}")],
    };
    let known = |case: &str| {
        lists
            .iter()
            .any(|list| list.contains(&format!("\"{case}\"")))
    };
    let fields = fields(limits);
    let mut violations: Vec<String> = fields
        .iter()
        .filter_map(|field| match rows.get(field) {
            None => Some(format!(
                "limit {field} has no attack in tests/hostile/limits.json"
            )),
            Some(case) if !known(case) => {
                Some(format!("limit {field}: no hostile case is called {case}"))
            }
            Some(_) => None,
        })
        .collect();
    violations.extend(
        rows.keys()
            .filter(|row| !fields.contains(row))
            .map(|row| format!("limits.json: {row} is not a limit")),
    );
    violations
}
