//! The recipes that have a name, in the order in which they are listed.

use super::fields::nearest;
use super::{Action, Options, Recipe, RecipeError, parse, yaml};

/// A recipe in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRecipe {
    /// What `--recipe` takes.
    pub name: &'static str,
    /// One phrase.
    pub description: String,
    /// False where this version cannot do it yet.
    pub built: bool,
    /// The oldest iOS that runs what it makes; none where any does that runs what it is made from.
    pub needs: Option<&'static str>,
    /// The recipe as YAML; empty for the two that coremltools' classes cannot say.
    pub yaml: &'static str,
}

/// Name and YAML text. `float16` and `decompress` are not `OptimizationConfig`s.
const ROWS: [(&str, &str); 20] = [
    ("float16", ""),
    ("int8", include_str!("../../recipes/int8.yaml")),
    (
        "int8-asymmetric",
        include_str!("../../recipes/int8-asymmetric.yaml"),
    ),
    (
        "int8-per-tensor",
        include_str!("../../recipes/int8-per-tensor.yaml"),
    ),
    (
        "int4-block32",
        include_str!("../../recipes/int4-block32.yaml"),
    ),
    (
        "palettize-1",
        include_str!("../../recipes/palettize-1.yaml"),
    ),
    (
        "palettize-2",
        include_str!("../../recipes/palettize-2.yaml"),
    ),
    (
        "palettize-3",
        include_str!("../../recipes/palettize-3.yaml"),
    ),
    (
        "palettize-4",
        include_str!("../../recipes/palettize-4.yaml"),
    ),
    (
        "palettize-6",
        include_str!("../../recipes/palettize-6.yaml"),
    ),
    (
        "palettize-8",
        include_str!("../../recipes/palettize-8.yaml"),
    ),
    (
        "palettize-4-grouped16",
        include_str!("../../recipes/palettize-4-grouped16.yaml"),
    ),
    (
        "palettize-4-vector2",
        include_str!("../../recipes/palettize-4-vector2.yaml"),
    ),
    (
        "palettize-uniform-4",
        include_str!("../../recipes/palettize-uniform-4.yaml"),
    ),
    (
        "palettize-unique",
        include_str!("../../recipes/palettize-unique.yaml"),
    ),
    ("prune-50", include_str!("../../recipes/prune-50.yaml")),
    ("prune-2of4", include_str!("../../recipes/prune-2of4.yaml")),
    (
        "prune-50+int8",
        include_str!("../../recipes/prune-50+int8.yaml"),
    ),
    (
        "prune-50+palettize-4",
        include_str!("../../recipes/prune-50+palettize-4.yaml"),
    ),
    (
        "palettize-4+lut-int8",
        include_str!("../../recipes/palettize-4+lut-int8.yaml"),
    ),
];

const DECOMPRESS: &str = "decompress";

/// Every named recipe.
pub fn named() -> Vec<NamedRecipe> {
    let mut list: Vec<NamedRecipe> = ROWS
        .iter()
        .map(|&(name, yaml)| {
            let recipe = unchecked(name);
            NamedRecipe {
                name,
                built: recipe.as_ref().is_ok_and(|r| r.supported().is_ok()),
                needs: needs(recipe.as_ref().ok()),
                description: recipe.map_or_else(
                    |_| {
                        "float32 weights and arithmetic to float16, as a converter would".to_owned()
                    },
                    |r| r.description,
                ),
                yaml,
            }
        })
        .collect();
    list.push(NamedRecipe {
        name: DECOMPRESS,
        description: "every compressed weight dense again".to_owned(),
        built: true,
        needs: None,
        yaml: "",
    });
    list
}

fn needs(recipe: Option<&Recipe>) -> Option<&'static str> {
    Some(recipe?.needs()?.ios())
}

pub(super) fn find(name: &str) -> Result<Recipe, RecipeError> {
    let recipe = unchecked(name)?;
    recipe.supported()?;
    Ok(recipe)
}

fn unchecked(name: &str) -> Result<Recipe, RecipeError> {
    if name == DECOMPRESS {
        return Ok(Recipe {
            name: DECOMPRESS.to_owned(),
            description: "every compressed weight dense again".to_owned(),
            action: Action::Decompress,
            options: Options::default(),
        });
    }
    match ROWS.iter().find(|(known, _)| *known == name) {
        Some((_, "")) => Err(refusal(name, "is not built yet", None, true)),
        Some((_, text)) => parse::recipe(&yaml::load(text, name)?, name),
        None => {
            let names: Vec<&str> = ROWS.iter().map(|(n, _)| *n).chain([DECOMPRESS]).collect();
            let hint = match nearest(name, &names) {
                Some(near) => format!("did you mean {near}?"),
                None => "`coreanvil recipes` lists the names; the command line also takes a file"
                    .to_owned(),
            };
            Err(refusal(name, "no recipe of this name", Some(hint), false))
        }
    }
}

fn refusal(name: &str, why: &str, hint: Option<String>, unsupported: bool) -> RecipeError {
    RecipeError {
        source_name: name.chars().take(80).filter(|c| !c.is_control()).collect(),
        line: None,
        pointer: String::new(),
        why: why.to_owned(),
        hint,
        unsupported,
    }
}
