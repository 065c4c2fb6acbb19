//! YAML and JSON into one small tree that remembers lines.
//!
//! Scalars are resolved as `PyYAML`'s safe loader does (coremltools reads recipes with it). The tree is bounded:
//! text, nodes and depth have limits, and an alias counts for all that it repeats.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::RecipeError;

const MAX_TEXT_BYTES: usize = 1 << 20;
const MAX_NODES: usize = 20_000;
const MAX_DEPTH: usize = 32;

/// A value and the line it began on (`None` for JSON).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) line: Option<usize>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Option<usize>, Node)>),
}

impl Node {
    /// The same tree from JSON.
    pub(super) fn from_json(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        let kind = match value {
            Value::Null => Kind::Null,
            Value::Bool(b) => Kind::Bool(*b),
            Value::Number(n) => match (n.as_i64(), n.as_f64()) {
                (Some(i), _) => Kind::Int(i),
                (None, Some(f)) => Kind::Float(f),
                (None, None) => Kind::Text(n.to_string()),
            },
            Value::String(s) => Kind::Text(s.clone()),
            Value::Array(items) => Kind::List(items.iter().map(Self::from_json).collect()),
            Value::Object(map) => Kind::Map(
                map.iter()
                    .map(|(k, v)| (k.clone(), None, Self::from_json(v)))
                    .collect(),
            ),
        };
        Self { line: None, kind }
    }

    /// What it is, for messages.
    pub(super) fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) => "an integer",
            Kind::Float(_) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    fn size(&self) -> usize {
        match &self.kind {
            Kind::Null | Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) | Kind::Text(_) => 1,
            Kind::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Kind::Map(items) => 1 + items.iter().map(|(_, _, v)| 1 + v.size()).sum::<usize>(),
        }
    }
}

/// Reads one YAML document.
pub(super) fn load(text: &str, source_name: &str) -> Result<Node, RecipeError> {
    let mut loader = Loader {
        source_name,
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
    };
    if text.len() > MAX_TEXT_BYTES {
        return Err(loader.error(None, format!("more than {MAX_TEXT_BYTES} bytes")));
    }
    let mut root = None;
    loop {
        let (event, line) = loader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd => {}
            Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::MappingStart(..)
            | Event::SequenceEnd
            | Event::MappingEnd => {
                if root.is_some() {
                    return Err(loader.error(Some(line), "a second document".to_owned()));
                }
                root = Some(loader.node(event, line, 0)?);
            }
        }
    }
    root.ok_or_else(|| loader.error(None, "empty".to_owned()))
}

struct Loader<'t> {
    source_name: &'t str,
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

impl<'t> Loader<'t> {
    fn error(&self, line: Option<usize>, why: String) -> RecipeError {
        RecipeError {
            source_name: self.source_name.to_owned(),
            line,
            pointer: String::new(),
            why,
            hint: None,
            unsupported: false,
        }
    }

    fn next(&mut self) -> Result<(Event<'t>, usize), RecipeError> {
        match self.parser.next_event() {
            None => Ok((Event::StreamEnd, 0)),
            Some(Ok((event, span))) => Ok((event, span.start.line())),
            Some(Err(fault)) => {
                let line = fault.marker().line();
                Err(self.error(Some(line), format!("not YAML: {}", fault.info())))
            }
        }
    }

    fn count(&mut self, more: usize, line: usize) -> Result<(), RecipeError> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > MAX_NODES {
            return Err(self.error(Some(line), format!("more than {MAX_NODES} values")));
        }
        Ok(())
    }

    fn node(&mut self, event: Event<'t>, line: usize, depth: usize) -> Result<Node, RecipeError> {
        if depth > MAX_DEPTH {
            return Err(self.error(Some(line), format!("nested deeper than {MAX_DEPTH}")));
        }
        self.count(1, line)?;
        let (anchor, kind) = match event {
            Event::Scalar(text, style, anchor, _) => (anchor, scalar(&text, style)),
            Event::SequenceStart(anchor, _) => (anchor, Kind::List(self.list(depth)?)),
            Event::MappingStart(anchor, _) => (anchor, Kind::Map(self.map(line, depth)?)),
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.error(Some(line), "an alias of nothing".to_owned()));
                };
                self.count(node.size(), line)?;
                return Ok(node);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => {
                return Err(self.error(Some(line), "not YAML: ends too early".to_owned()));
            }
        };
        let node = Node {
            line: Some(line),
            kind,
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, RecipeError> {
        let mut items = Vec::new();
        loop {
            let (event, line) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(items);
            }
            items.push(self.node(event, line, depth + 1)?);
        }
    }

    fn map(
        &mut self,
        start: usize,
        depth: usize,
    ) -> Result<Vec<(String, Option<usize>, Node)>, RecipeError> {
        let mut items: Vec<(String, Option<usize>, Node)> = Vec::new();
        loop {
            let (event, line) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(items),
                Event::Scalar(text, ..) => text.into_owned(),
                Event::Nothing
                | Event::StreamStart
                | Event::StreamEnd
                | Event::DocumentStart(_)
                | Event::DocumentEnd
                | Event::Alias(_)
                | Event::SequenceStart(..)
                | Event::SequenceEnd
                | Event::MappingStart(..) => {
                    return Err(
                        self.error(Some(line.max(start)), "a key that is not text".to_owned())
                    );
                }
            };
            if items.iter().any(|(k, _, _)| *k == key) {
                return Err(self.error(Some(line), format!("key `{key}` twice")));
            }
            let (event, value_line) = self.next()?;
            let value = self.node(event, value_line, depth + 1)?;
            items.push((key, Some(line), value));
        }
    }
}

/// `PyYAML`'s implicit types (YAML 1.1) of an unquoted scalar.
fn scalar(text: &str, style: ScalarStyle) -> Kind {
    if style != ScalarStyle::Plain {
        return Kind::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Kind::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Kind::Bool(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Kind::Bool(false);
        }
        _ => {}
    }
    let digits = text.replace('_', "");
    if digits.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+' || c == '.') {
        if let Ok(value) = digits.parse::<i64>() {
            return Kind::Int(value);
        }
        if text.contains('.')
            && let Ok(value) = digits.parse::<f64>()
        {
            return Kind::Float(value);
        }
    }
    Kind::Text(text.to_owned())
}
