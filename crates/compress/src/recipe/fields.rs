//! A map's fields, read one by one with cattrs' coercions (coremltools structures recipes with it).

use super::RecipeError;
use super::yaml::{Kind, Node};

/// Where we are, for messages.
#[derive(Clone)]
pub(super) struct At<'s> {
    pub(super) source_name: &'s str,
    pub(super) pointer: String,
}

impl At<'_> {
    pub(super) fn child(&self, key: &str) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self {
            source_name: self.source_name,
            pointer: format!("{}/{key}", self.pointer),
        }
    }

    pub(super) fn error(&self, line: Option<usize>, why: String) -> RecipeError {
        RecipeError {
            source_name: self.source_name.to_owned(),
            line,
            pointer: self.pointer.clone(),
            why,
            hint: None,
            unsupported: false,
        }
    }
}

/// A map's fields, read one by one with coremltools' (cattrs') coercions.
pub(super) struct Fields<'n> {
    at: At<'n>,
    line: Option<usize>,
    items: &'n [(String, Option<usize>, Node)],
}

impl<'n> Fields<'n> {
    pub(super) fn of(node: &'n Node, at: &At<'n>) -> Result<Self, RecipeError> {
        match &node.kind {
            Kind::Map(items) => Ok(Self {
                at: at.clone(),
                line: node.line,
                items,
            }),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Text(_)
            | Kind::List(_) => {
                Err(at.error(node.line, format!("must be a map, is {}", node.kind_name())))
            }
        }
    }

    pub(super) fn only(&self, known: &[&str]) -> Result<(), RecipeError> {
        for (key, line, _) in self.items {
            if !known.contains(&key.as_str()) {
                let mut error = self.at.error(*line, format!("unknown key `{key}`"));
                error.hint = Some(match nearest(key, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known keys: {}", known.join(", ")),
                });
                return Err(error);
            }
        }
        Ok(())
    }

    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.items
            .iter()
            .find(|(k, _, _)| k == key)
            .map(|(_, _, node)| node)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub(super) fn line(&self, key: &str) -> Option<usize> {
        self.items
            .iter()
            .find(|(k, _, _)| k == key)
            .and_then(|(_, line, _)| *line)
            .or(self.line)
    }

    pub(super) fn error(&self, key: &str, why: String) -> RecipeError {
        self.at.child(key).error(self.line(key), why)
    }

    pub(super) fn bad(&self, key: &str, value: &str, allowed: &[&str]) -> RecipeError {
        self.error(
            key,
            format!("must be one of {}, is `{value}`", allowed.join(", ")),
        )
    }

    pub(super) fn present(&self, key: &str) -> Option<&'n Node> {
        self.get(key).filter(|n| n.kind != Kind::Null)
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, RecipeError> {
        match self.present(key) {
            None => Ok(None),
            Some(Node {
                kind: Kind::Text(text),
                ..
            }) => Ok(Some(text.clone())),
            Some(Node {
                kind: Kind::Int(v), ..
            }) => Ok(Some(v.to_string())),
            Some(other) => Err(self.error(key, format!("must be text, is {}", other.kind_name()))),
        }
    }

    pub(super) fn int(&self, key: &str) -> Result<Option<i64>, RecipeError> {
        match self.present(key) {
            None => Ok(None),
            node @ Some(other) => match coerce_int(node) {
                Some(v) => Ok(Some(v)),
                None => Err(self.error(
                    key,
                    format!("must be a whole number, is {}", other.kind_name()),
                )),
            },
        }
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<f64>, RecipeError> {
        let value = match self.present(key).map(|n| &n.kind) {
            None => return Ok(None),
            #[expect(clippy::cast_precision_loss, reason = "as Python's float()")]
            Some(Kind::Int(v)) => Some(*v as f64),
            Some(Kind::Float(v)) => Some(*v),
            Some(Kind::Bool(b)) => Some(f64::from(u8::from(*b))),
            Some(Kind::Text(t)) => t.trim().parse().ok(),
            Some(Kind::Null | Kind::List(_) | Kind::Map(_)) => None,
        };
        value
            .map(Some)
            .ok_or_else(|| self.error(key, "must be a number".to_owned()))
    }

    pub(super) fn share(&self, key: &str) -> Result<Option<f64>, RecipeError> {
        match self.number(key)? {
            Some(v) if (0.0..=1.0).contains(&v) => Ok(Some(v)),
            Some(v) => Err(self.error(key, format!("must be in 0..1, is {v}"))),
            None => Ok(None),
        }
    }

    /// Any non-empty text is true for cattrs; a quoted `"false"` is refused here, since nobody means that.
    pub(super) fn truth(&self, key: &str) -> Result<Option<bool>, RecipeError> {
        match self.present(key).map(|n| &n.kind) {
            None => Ok(None),
            Some(Kind::Bool(b)) => Ok(Some(*b)),
            Some(Kind::Int(v)) => Ok(Some(*v != 0)),
            Some(Kind::Null | Kind::Float(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_)) => {
                Err(self.error(key, "must be true or false".to_owned()))
            }
        }
    }

    pub(super) fn weight_threshold(&self) -> Result<u64, RecipeError> {
        let key = "weight_threshold";
        if self.has(key) && self.present(key).is_none() {
            return Err(self.error(key, "must not be null".to_owned()));
        }
        match self.int(key)? {
            None => Ok(2048),
            Some(v) => u64::try_from(v)
                .map_err(|_negative| self.error(key, format!("must be at least 0, is {v}"))),
        }
    }
}

/// Python's `int()` on what YAML can hold: text of digits, a float cut toward zero, a boolean.
pub(super) fn coerce_int(node: Option<&Node>) -> Option<i64> {
    match &node?.kind {
        Kind::Int(v) => Some(*v),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "cut toward zero, as Python's int()"
        )]
        Kind::Float(v) if v.is_finite() && v.abs() < 9e15 => Some(*v as i64),
        Kind::Bool(b) => Some(i64::from(*b)),
        Kind::Text(t) => t.trim().parse().ok(),
        Kind::Null | Kind::Float(_) | Kind::List(_) | Kind::Map(_) => None,
    }
}

/// The nearest of `known` within an edit distance of a third of its length.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|k| (edit_distance(word, k), *k))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, k)| *distance <= k.len().div_ceil(3))
        .map(|(_, k)| k)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let cost = usize::from(ca != *cb);
            next.push((row[j] + cost).min(row[j + 1] + 1).min(next[j] + 1));
        }
        row = next;
    }
    row[b.len()]
}
