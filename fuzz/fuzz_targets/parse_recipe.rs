//! Any text as a recipe file; what is accepted can be written out with all its defaults and read again as the same.
#![no_main]

use compress::Recipe;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(recipe) = Recipe::parse(text, "fuzz.yaml")
    {
        let again = Recipe::from_json(&recipe.config()).expect("what was written out is a recipe");
        assert_eq!(again.digest(), recipe.digest(), "{text}");
    }
});
