//! The named recipes: what each stores and for which system, and one of them in full.

use askama::Template;

use super::frame::{Frame, Section};
use super::marks::shortened_hash;
use super::show;
use super::visitor::Visitor;
use crate::app;
use crate::http::answer::Answer;
use crate::http::extract::NoParams;
use axum::extract::Path;
use engine::Recipe;

/// Recipes of one kind.
#[derive(Debug, Clone)]
pub(super) struct Family {
    /// Its name.
    pub(super) name: &'static str,
    /// What they have in common.
    pub(super) about: &'static str,
    /// Them.
    pub(super) recipes: Vec<Entry>,
}

/// A recipe in a list.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its name.
    pub(super) name: &'static str,
    /// What it does.
    pub(super) about: String,
    /// The system that runs what it makes, at least.
    pub(super) needs: &'static str,
    /// Whether this version can do it.
    pub(super) built: bool,
}

#[derive(Template)]
#[template(path = "recipes.html")]
struct RecipesPage {
    frame: Frame,
    families: Vec<Family>,
}

#[derive(Template)]
#[template(path = "recipe.html")]
struct RecipePage {
    frame: Frame,
    entry: Entry,
    digest: String,
    yaml: &'static str,
    config: String,
}

/// `GET /recipes`.
pub(crate) async fn list(visitor: Visitor, _: NoParams) -> Answer {
    show::page(&RecipesPage {
        frame: Frame::new(&visitor, Section::Recipes, "Recipes"),
        families: families(),
    })
}

/// `GET /recipes/{name}`.
pub(crate) async fn page(visitor: Visitor, _: NoParams, Path(name): Path<String>) -> Answer {
    let all = engine::named();
    let Some(named) = all.iter().find(|one| one.name == name) else {
        return Err(app::Error::not_found("recipe", name).into());
    };
    let recipe = Recipe::named(named.name).ok();
    let config = recipe.as_ref().map(Recipe::config);
    let config = config.and_then(|config| serde_json::to_string_pretty(&config).ok());
    show::page(&RecipePage {
        frame: Frame::new(&visitor, Section::Recipes, named.name)
            .crumb("Recipes", Some("/recipes".to_owned()))
            .crumb(named.name, None),
        entry: Entry {
            name: named.name,
            about: named.description.clone(),
            needs: named.needs.unwrap_or_default(),
            built: named.built,
        },
        digest: recipe.map_or_else(String::new, |recipe| shortened_hash(&recipe.digest())),
        yaml: named.yaml,
        config: config.unwrap_or_default(),
    })
}

/// A family: its name, what its recipes have in common, and which belong to it.
type Kind = (&'static str, &'static str, fn(&str) -> bool);

/// All recipes, by family.
pub(super) fn families() -> Vec<Family> {
    let kinds: [Kind; 4] = [
        (
            "Quantize",
            "Fewer bits per weight, evenly spaced.",
            |name| name.starts_with("int"),
        ),
        (
            "Palettize",
            "A table of the best values and an index per weight.",
            |name| name.starts_with("palettize"),
        ),
        (
            "Prune",
            "The smallest weights become zero and are not stored.",
            |name| name.starts_with("prune"),
        ),
        ("Convert", "Other forms of the same numbers.", |name| {
            !["int", "palettize", "prune"]
                .iter()
                .any(|start| name.starts_with(start))
        }),
    ];
    let all = engine::named();
    let family = |(name, about, belongs): Kind| Family {
        name,
        about,
        recipes: all
            .iter()
            .filter(|one| belongs(one.name))
            .map(|one| Entry {
                name: one.name,
                about: one.description.clone(),
                needs: one.needs.unwrap_or_default(),
                built: one.built,
            })
            .collect(),
    };
    kinds.into_iter().map(family).collect()
}

/// The names of those that this version can do.
pub(super) fn built() -> Vec<&'static str> {
    engine::named()
        .iter()
        .filter(|one| one.built)
        .map(|one| one.name)
        .collect()
}
