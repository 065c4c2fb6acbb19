//! Why a recipe is refused, and where.

/// Why a recipe is refused. One line: what, where, why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.line())]
pub struct RecipeError {
    /// File name, `recipe`, or the name that was asked for.
    pub source_name: String,
    /// Line in the text, counted from 1; `None` when it came as JSON.
    pub line: Option<usize>,
    /// JSON pointer to the field, for example `/global_config/nbits`.
    pub pointer: String,
    /// What is wrong.
    pub why: String,
    /// What to do.
    pub hint: Option<String>,
    /// True where the recipe is right but needs what this version has not built yet.
    pub unsupported: bool,
}

impl RecipeError {
    fn line(&self) -> String {
        let place = match (self.line, self.source_name.as_str()) {
            (Some(line), name) => format!("{name}:{line}"),
            (None, "") => "(no name)".to_owned(),
            (None, name) => name.to_owned(),
        };
        if self.line.is_none() && place == "recipe" {
            // It came as JSON and has no name of its own.
            let pointer = if self.pointer.is_empty() {
                "/"
            } else {
                &self.pointer
            };
            return format!("recipe: {pointer}: {}", self.why);
        }
        if self.pointer.is_empty() {
            format!("recipe: {place}: {}", self.why)
        } else {
            format!("recipe: {place}: {}: {}", self.pointer, self.why)
        }
    }
}
