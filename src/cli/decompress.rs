//! `coreanvil decompress`: turns every compressed weight of a package back into plain values.

use std::path::PathBuf;

use clap::Args;

use super::compress::Rewrite;
use super::exit::Failure;
use super::interrupt;
use super::options::LocalOptions;
use super::output::Output;

/// Turn compressed weights back into plain ones, on this machine
#[derive(Debug, Args)]
pub(crate) struct Decompress {
    /// A .mlpackage folder, a zip of one, or a .mlmodel
    #[arg(value_name = "PKG")]
    package: PathBuf,
    /// Where to write; a name that ends with .zip gets a zip [default: NAME-decompressed.mlpackage beside PKG]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    local: LocalOptions,
}

impl Decompress {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        interrupt::or_cancelled(move |cancelled| {
            let rewrite = Rewrite {
                package: self.package,
                suffix: "decompressed".to_owned(),
                output: self.output,
                force: self.force,
                local: self.local.local()?,
            };
            rewrite.run(output, cancelled, engine::decompress)
        })
        .await
    }
}
