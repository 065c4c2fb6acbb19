//! The `section!` table: one declaration per section gives the structure, its defaults and its keys.
//!
//! Everything that must agree with a key (its documentation, its line in the committed file, the code that reads
//! it) is derived from the one row, so that none of them can be forgotten.

/// Declares a section of the configuration.
///
/// `section! { /// about  pub struct Server in server { /// about the key  listen: SocketAddr = …, } }` makes the
/// structure `Server` with a `Default`, and the functions `keys()` and `about()` of the module.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident in $section:ident {
            $( $(#[doc = $doc:literal])+ $field:ident : $type:ty = $default:expr, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default, )+ }
            }
        }

        /// The keys of this section, in the order of the committed file.
        pub(super) fn keys() -> Vec<crate::config::Key> {
            use crate::config::value::Setting;
            vec![ $( crate::config::Key {
                name: concat!(stringify!($section), ".", stringify!($field)),
                docs: &[$($doc),+],
                kind: stringify!($type),
                written: |config| config.$section.$field.written(),
                shown: |config| config.$section.$field.shown(),
                set: |config, raw| {
                    config.$section.$field = Setting::read(raw)?;
                    Ok(())
                },
            }, )+ ]
        }

        /// What the section is about, line by line.
        pub(super) fn about() -> &'static [&'static str] {
            &[$($about),+]
        }
    };
}
