//! Overlays the four layers and remembers where each value came from.
//!
//! Defaults, then the file, then the environment, then flags. The layers are passed in (`load` takes the variables and
//! flags as lists), so that tests need no process of their own; `Given::from_process` is the one place that reads the
//! real environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::nearest;
use super::settings::keys;
use super::value::Raw;
use super::{Config, Error, Key, Source};

/// The file that is read when no other is named, relative to the folder where the program starts.
const USUAL_FILE: &str = "config/coreanvil.toml";

/// Prefix of our environment variables.
const PREFIX: &str = "COREANVIL_";

/// Variables with our prefix that the command line reads itself.
const COMMAND_LINE: [&str; 3] = ["COREANVIL_URL", "COREANVIL_TOKEN", "COREANVIL_CONFIG"];

/// What overlays the defaults.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The file of `--config` or `COREANVIL_CONFIG`; it must exist.
    pub file: Option<PathBuf>,
    /// Environment variables, name and value.
    pub environment: Vec<(String, String)>,
    /// Flags: as typed (`--listen`), the key, the value.
    pub flags: Vec<(String, String, String)>,
}

impl Given {
    /// With the variables of this process whose names begin with our prefix.
    pub fn from_process() -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| name.starts_with(PREFIX))
            .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
            .collect();
        Self {
            environment,
            ..Self::default()
        }
    }

    /// Adds a flag that stands for a key, when it was given.
    pub fn flag(&mut self, flag: &str, key: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.flags
                .push((flag.to_owned(), key.to_owned(), value.to_string()));
        }
    }

    /// Adds flags of the form `--set KEY=VALUE`.
    ///
    /// # Errors
    /// When one has no `=`.
    pub fn assignments(&mut self, texts: &[String]) -> Result<(), Error> {
        for text in texts {
            let (key, value) = text
                .split_once('=')
                .ok_or_else(|| Error::NotAnAssignment { text: text.clone() })?;
            self.flags.push((
                format!("--set {key}"),
                key.trim().to_owned(),
                value.trim().to_owned(),
            ));
        }
        Ok(())
    }
}

/// The configuration with the source of every value.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The values.
    pub config: Config,
    /// Sentences for the log, for example about variables that were ignored.
    pub warnings: Vec<String>,
    sources: BTreeMap<&'static str, Source>,
}

impl Effective {
    /// Every key with its value as a person may see it, and its source.
    pub fn rows(&self) -> Vec<(Key, String, Source)> {
        keys()
            .into_iter()
            .map(|key| (key, (key.shown)(&self.config), self.source(key.name)))
            .collect()
    }

    /// Where the value of a key came from.
    pub fn source(&self, key: &str) -> Source {
        self.sources.get(key).cloned().unwrap_or(Source::Default)
    }

    /// Takes one value over.
    fn set(&mut self, name: &str, raw: &Raw, from: Source) -> Result<(), Error> {
        let known = keys();
        let Some(key) = known.iter().find(|key| key.name == name) else {
            let nearest = nearest(name, known.iter().map(|key| key.name));
            return Err(Error::UnknownKey {
                key: escaped(name),
                from,
                nearest,
            });
        };
        (key.set)(&mut self.config, raw).map_err(|why| Error::WrongValue {
            key: key.name,
            from: from.clone(),
            why,
        })?;
        self.sources.insert(key.name, from);
        Ok(())
    }

    /// Checks what no single key can check.
    fn verify(&self) -> Result<(), Error> {
        let worker = &self.config.worker;
        let key = "worker.heartbeat_seconds";
        if worker.heartbeat_seconds == 0 || worker.heartbeat_seconds > worker.lease_seconds / 3 {
            return Err(Error::WrongValue {
                key,
                from: self.source(key),
                why: format!(
                    "expected 1 to a third of worker.lease_seconds ({})",
                    worker.lease_seconds
                ),
            });
        }
        Ok(())
    }
}

/// Overlays the layers.
///
/// # Errors
/// The first key or value that is wrong, or a file that cannot be read.
pub fn load(given: &Given) -> Result<Effective, Error> {
    let mut effective = Effective {
        config: Config::default(),
        warnings: Vec::new(),
        sources: BTreeMap::new(),
    };
    load_file(&mut effective, given.file.as_deref())?;
    for (variable, value) in &given.environment {
        load_variable(&mut effective, variable, value)?;
    }
    for (flag, key, value) in &given.flags {
        effective.set(
            key,
            &Raw::Untyped(value.clone()),
            Source::Flag { flag: flag.clone() },
        )?;
    }
    effective.verify()?;
    Ok(effective)
}

/// Overlays a file: the named one, which must be there, or the usual one, which may be missing.
fn load_file(effective: &mut Effective, named: Option<&Path>) -> Result<(), Error> {
    let path = named.unwrap_or(Path::new(USUAL_FILE));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(());
        }
        Err(source) => {
            return Err(Error::Unreadable {
                path: path.to_owned(),
                source,
            });
        }
    };
    let line_of = |offset: usize| {
        1 + text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
    };
    let table = DeTable::parse(&text).map_err(|error| Error::NotToml {
        path: path.to_owned(),
        line: line_of(error.span().map_or(0, |span| span.start)),
        why: escaped(error.message()),
    })?;
    for (section, value) in table.get_ref() {
        let DeValue::Table(keys) = value.get_ref() else {
            let from = Source::File {
                path: path.to_owned(),
                line: line_of(section.span().start),
            };
            effective.set(section.get_ref(), &raw(value), from)?;
            continue;
        };
        for (key, value) in keys {
            let from = Source::File {
                path: path.to_owned(),
                line: line_of(key.span().start),
            };
            effective.set(
                &format!("{}.{}", section.get_ref(), key.get_ref()),
                &raw(value),
                from,
            )?;
        }
    }
    Ok(())
}

/// Overlays a variable, or warns about one that is not configuration.
fn load_variable(effective: &mut Effective, variable: &str, value: &str) -> Result<(), Error> {
    let Some(rest) = variable.strip_prefix(PREFIX) else {
        return Ok(());
    };
    if let Some((section, key)) = rest.split_once("__") {
        let name = format!("{}.{}", section.to_lowercase(), key.to_lowercase());
        let from = Source::Environment {
            variable: escaped(variable),
        };
        return effective.set(&name, &Raw::Untyped(value.to_owned()), from);
    }
    if !COMMAND_LINE.contains(&variable) {
        effective.warnings.push(format!(
            "ignored the environment variable {}: only names with a double underscore are configuration",
            escaped(variable)
        ));
    }
    Ok(())
}

/// The value of a file without its position.
fn raw(value: &Spanned<DeValue<'_>>) -> Raw {
    match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.clone().into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Raw::Other("a number that is too large"), Raw::Integer),
        DeValue::Boolean(value) => Raw::Boolean(*value),
        DeValue::Float(_) => Raw::Other("a fraction"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Array(_) => Raw::Other("a list"),
        DeValue::Table(_) => Raw::Other("a table"),
    }
}

/// Without control characters, so that an error stays one line.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
