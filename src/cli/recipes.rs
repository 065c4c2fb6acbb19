//! `coreanvil recipes`: the named recipes, and what one of them is; also how a recipe is named on the command line.

use std::path::Path;

use clap::Args;
use engine::Recipe;

use super::exit::{Exit, Failure};
use super::output::Output;

/// Most bytes of a recipe file.
const RECIPE_BYTES: u64 = 1 << 20;

/// List the named recipes, or show one
#[derive(Debug, Args)]
pub(crate) struct Recipes {
    /// Name of a recipe, or a recipe file to check
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

impl Recipes {
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match &self.name {
            None => list(output),
            Some(name) => show(name, output),
        }
    }
}

fn list(output: Output) -> Result<(), Failure> {
    let named = engine::named();
    let json: Vec<serde_json::Value> = named
        .iter()
        .map(|entry| {
            serde_json::json!({"name": entry.name, "description": entry.description, "available": entry.built})
        })
        .collect();
    output.result(&json, |output| {
        let mut table = output.table(&["recipe", "what it does"]);
        for entry in named {
            let later = if entry.built {
                ""
            } else {
                " (not in this version yet)"
            };
            table.add_row([
                entry.name.to_owned(),
                format!("{}{later}", entry.description),
            ]);
        }
        format!("{table}\n`coreanvil recipes NAME` shows one with all its defaults.")
    })
}

fn show(name: &str, output: Output) -> Result<(), Failure> {
    let recipe = find(name)?;
    let (digest, config) = (recipe.digest(), recipe.config());
    let json = serde_json::json!({
        "name": recipe.name, "description": recipe.description, "digest": digest, "config": config,
    });
    output.result(&json, |output| {
        let config = serde_json::to_string_pretty(&config).unwrap_or_default();
        format!(
            "{}   {}\n{}\n\n{config}",
            output.strong(&recipe.name),
            output.faint(&digest),
            recipe.description
        )
    })
}

/// The recipe of a name or a file.
pub(crate) fn find(text: &str) -> Result<Recipe, Failure> {
    if is_file(text) {
        read(Path::new(text))
    } else {
        Ok(Recipe::named(text)?)
    }
}

/// Whether the text means a file: it has a folder, an extension of one, or is one.
pub(crate) fn is_file(text: &str) -> bool {
    let path = Path::new(text);
    let extension = path.extension().is_some_and(|extension| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    text.contains('/')
        || extension
        || (path.is_file() && !engine::named().iter().any(|entry| entry.name == text))
}

/// Reads and checks a recipe file.
pub(crate) fn read(path: &Path) -> Result<Recipe, Failure> {
    let failed = |error: std::io::Error| Failure::file("read", path, &error);
    let size_bytes = path.metadata().map_err(failed)?.len();
    if size_bytes > RECIPE_BYTES {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "recipe too large: {}: {size_bytes} bytes, at most {RECIPE_BYTES}",
                path.display()
            ),
        ));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Ok(Recipe::parse(&text, &path.display().to_string())?)
}
