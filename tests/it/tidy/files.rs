//! Names, first lines and lengths of files.

/// Names for code that has no home: find the concept instead.
const HOMELESS: &[&str] = &[
    "util", "utils", "helper", "helpers", "common", "misc", "shared", "manager", "managers",
];

/// Source files longer than [`MOST_LINES`], each with its reason.
const LONG: &[(&str, &str)] = &[];

/// Lines of a source file, its tests not counted.
const MOST_LINES: usize = 500;

/// A path whose last or middle part is a name without a meaning, or that declares such a module.
pub(super) fn names(path: &str, text: &str) -> Vec<String> {
    let mut violations: Vec<String> = path
        .split('/')
        .map(|part| part.rsplit_once('.').map_or(part, |(stem, _)| stem))
        .filter(|stem| HOMELESS.contains(stem))
        .map(|stem| format!("{path}: `{stem}` says nothing about what is in it"))
        .collect();
    for (index, line) in text.lines().enumerate() {
        let mut words = line
            .split_whitespace()
            .skip_while(|word| word.starts_with("pub"));
        if words.next() == Some("mod")
            && let Some(name) = words.next().map(|word| word.trim_end_matches([';', '{']))
            && HOMELESS.contains(&name)
        {
            violations.push(format!(
                "{path}:{}: module `{name}` says nothing about what is in it",
                index + 1
            ));
        }
    }
    violations
}

/// A source file that does not begin with what it is. Generated files say so instead.
pub(super) fn opening(path: &str, text: &str) -> Vec<String> {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let generated =
        path.starts_with("crates/coreml/src/spec/") && first.starts_with("// @generated");
    if generated || first.starts_with("//!") {
        Vec::new()
    } else {
        vec![format!(
            "{path}: does not begin with `//!`: what, why, what it does not do"
        )]
    }
}

/// A source file that is more than one idea long.
pub(super) fn length(path: &str, text: &str) -> Vec<String> {
    let is_test =
        path.ends_with("/tests.rs") || path.contains("/tests/") || path.starts_with("tests/");
    let generated =
        path.starts_with("crates/coreml/src/spec/") && text.starts_with("// @generated");
    let lines = text.lines().count();
    let excused = LONG
        .iter()
        .any(|(long, reason)| *long == path && !reason.is_empty());
    if is_test || generated || excused || lines <= MOST_LINES {
        Vec::new()
    } else {
        vec![format!("{path}: {lines} lines, more than {MOST_LINES}")]
    }
}

/// Lines of functions in a room's door: enough to choose between the ways in, not to do the work.
const DOOR_LINES: usize = 40;

/// A room's door has documentation, modules and re-exports; what it does itself fits on half a page.
pub(super) fn door(path: &str, text: &str) -> Vec<String> {
    if !path.ends_with("/mod.rs") {
        return Vec::new();
    }
    let lines: usize = super::source::Source::new(text)
        .functions()
        .iter()
        .map(|function| function.lines)
        .sum();
    if lines <= DOOR_LINES {
        Vec::new()
    } else {
        vec![format!(
            "{path}: {lines} lines of functions in a door: give them a file of their own"
        )]
    }
}

/// A path that exists on one machine only.
pub(super) fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let marks = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/Us", "ers/"),
    ];
    text.lines()
        .enumerate()
        .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)))
        .map(|(index, _)| format!("{path}:{}: a path of one machine", index + 1))
        .collect()
}
