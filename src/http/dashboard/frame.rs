//! What surrounds every page: title, way there, navigation, who is signed in, light or dark.

use std::str::FromStr;

use api::tokens::Scope;

use super::assets;
use super::visitor::Visitor;

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// As cookie and attribute write it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that the button leads to.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }
}

impl FromStr for Theme {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "light" => Ok(Self::Light),
            "dark" => Ok(Self::Dark),
            _ => Err("auto, light and dark are known"),
        }
    }
}

/// The entry of the navigation under which a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Models, revisions, comparisons.
    Models,
    /// Jobs.
    Jobs,
    /// Recipes.
    Recipes,
    /// Tokens.
    Tokens,
    /// Service.
    Service,
    /// None of them.
    Elsewhere,
}

/// A step of the way to a page.
#[derive(Debug, Clone)]
pub(crate) struct Crumb {
    /// Its words.
    pub(crate) text: String,
    /// Where it leads; the page itself leads nowhere.
    pub(crate) href: Option<String>,
}

/// Who is signed in, as the frame shows it.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Name of the token.
    pub(crate) token: String,
    /// What it allows.
    pub(crate) scope: Scope,
    /// The only project it reaches.
    pub(crate) project: Option<String>,
}

/// What surrounds a page. Every template has one, called `frame`.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// Of the browser's tab.
    pub(crate) title: String,
    /// Where it stands.
    pub(crate) section: Section,
    /// The way there; empty on a page at the top.
    pub(crate) crumbs: Vec<Crumb>,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// Nobody on the page that signs in and on error pages.
    pub(crate) person: Option<Person>,
    /// What forms carry in their field `form`.
    pub(crate) form_secret: String,
    /// Path and query of this page, to come back to it.
    pub(crate) at: String,
}

impl Frame {
    /// For somebody who is signed in.
    pub(crate) fn new(visitor: &Visitor, section: Section, title: impl Into<String>) -> Self {
        let token = &visitor.session.token;
        Self {
            title: title.into(),
            section,
            crumbs: Vec::new(),
            theme: visitor.theme,
            person: Some(Person {
                token: token.name.clone(),
                scope: token.scope,
                project: token.project.as_ref().map(ToString::to_string),
            }),
            form_secret: visitor.session.form_secret.clone(),
            at: visitor.at.clone(),
        }
    }

    /// For nobody in particular.
    pub(crate) fn bare(theme: Theme, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            section: Section::Elsewhere,
            crumbs: Vec::new(),
            theme,
            person: None,
            form_secret: String::new(),
            at: "/".to_owned(),
        }
    }

    /// Adds a step to the way; the last one is the page itself.
    #[must_use]
    pub(crate) fn crumb(mut self, text: impl Into<String>, href: Option<String>) -> Self {
        let text = text.into();
        self.crumbs.push(Crumb { text, href });
        self
    }

    /// The address of an asset.
    #[expect(
        clippy::unused_self,
        reason = "templates have a frame and no functions"
    )]
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// For `aria-current` of the navigation.
    pub(crate) fn is_in(&self, section: Section) -> bool {
        self.section == section
    }

    /// Whether buttons that change something are shown.
    pub(crate) fn may_write(&self) -> bool {
        self.person
            .as_ref()
            .is_some_and(|person| person.scope >= Scope::Writer)
    }

    /// Whether tokens are shown.
    pub(crate) fn may_administer(&self) -> bool {
        self.person
            .as_ref()
            .is_some_and(|person| person.scope >= Scope::Admin)
    }
}
