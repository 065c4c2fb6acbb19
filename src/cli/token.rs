//! `coreanvil token`: tokens, made and revoked on the database itself by whoever operates it.

use std::sync::Arc;

use api::ids::TokenId;
use api::names::ProjectName;
use api::page::PageRequest;
use api::tokens::{NewToken, Scope, Token as ApiToken};
use clap::{Args, Subcommand};

use super::exit::Failure;
use super::options::ServiceOptions;
use super::output::Output;
use super::service;
use crate::app::{App, Caller, tokens};
use crate::clock::SystemIds;
use crate::store::Reach;

/// Make, list and revoke access tokens
#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Action {
    /// Make a token and print it, this once
    Create {
        /// What it is for
        name: String,
        /// What it allows: reader, writer or admin
        #[arg(long, default_value = "writer")]
        scope: Scope,
        /// The only project it reaches [default: all]
        #[arg(long)]
        project: Option<ProjectName>,
        #[command(flatten)]
        service: ServiceOptions,
    },
    /// List tokens, newest first, without their secrets
    List {
        #[command(flatten)]
        service: ServiceOptions,
    },
    /// Make a token worthless, for good
    Revoke {
        /// Id of the token
        id: TokenId,
        #[command(flatten)]
        service: ServiceOptions,
    },
    /// Print a token that no database knows yet, for the key `auth.first_token`
    Generate,
}

/// The one who has the database: may everything, everywhere.
pub(crate) fn operator(app: &App) -> Caller {
    Caller {
        token_id: TokenId(app.ids.uuid()),
        scope: Scope::Admin,
        reach: Reach::All,
    }
}

impl Token {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        match self.action {
            Action::Create {
                name,
                scope,
                project,
                service,
            } => {
                let app = open(&service).await?;
                let new = NewToken {
                    name,
                    scope,
                    project,
                };
                let created = tokens::create(&app, &operator(&app), new).await?;
                app.store.close().await;
                output.result(&created, |_| created.secret.clone())
            }
            Action::List { service } => {
                let app = open(&service).await?;
                list(&app, output).await
            }
            Action::Revoke { id, service } => {
                let app = open(&service).await?;
                let token = tokens::revoke(&app, &operator(&app), id, &|_| true).await?;
                app.store.close().await;
                output.result(&token, |_| {
                    format!("token {} ({}) is worthless now", token.id, token.name)
                })
            }
            Action::Generate => {
                let secret = tokens::mint(&SystemIds);
                let secret = secret.reveal();
                output.result(&serde_json::json!({"secret": secret}), |_| {
                    secret.to_owned()
                })
            }
        }
    }
}

async fn open(options: &ServiceOptions) -> Result<Arc<App>, Failure> {
    let effective = options.effective()?;
    service::warn(&effective);
    service::open(&effective).await
}

/// All tokens, newest first.
pub(crate) async fn all(app: &App) -> Result<Vec<ApiToken>, Failure> {
    let mut all: Vec<ApiToken> = Vec::new();
    let mut request = PageRequest::default();
    loop {
        let page = tokens::list(app, &operator(app), request).await?;
        all.extend(page.items);
        let next = page.next_cursor.and_then(|cursor| cursor.parse().ok());
        if next.is_none() {
            break;
        }
        request.after = next;
    }
    Ok(all)
}

async fn list(app: &App, output: Output) -> Result<(), Failure> {
    let all = all(app).await?;
    app.store.close().await;
    output.result(&all, |output| {
        let mut table = output.table(&[
            "id",
            "name",
            "scope",
            "project",
            "created",
            "last used",
            "revoked",
        ]);
        for token in &all {
            let time = |time: Option<api::time::Time>| {
                time.map_or_else(|| "–".to_owned(), |time| time.to_string())
            };
            table.add_row([
                token.id.to_string(),
                token.name.clone(),
                token.scope.to_string(),
                token
                    .project
                    .as_ref()
                    .map_or_else(|| "all".to_owned(), ToString::to_string),
                token.created_at.to_string(),
                time(token.last_used_at),
                time(token.revoked_at),
            ]);
        }
        table.to_string()
    })
}
