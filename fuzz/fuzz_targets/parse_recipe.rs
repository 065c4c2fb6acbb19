//! Any text as a recipe file; what is accepted can be said again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(recipe) = compress::recipe::Recipe::parse(text, "fuzz.yaml")
    {
        let _echo = recipe.echo();
    }
});
