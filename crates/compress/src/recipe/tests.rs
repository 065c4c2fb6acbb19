//! Recipes: what is accepted, what is refused and where, and what repeats them.

use super::{Action, Compat, DenseWeight, LinearMode, OpConfig, Recipe, named};

fn refused(text: &str) -> String {
    match Recipe::parse(text, "r.yaml") {
        Ok(recipe) => panic!("accepted: {recipe:?}"),
        Err(error) => match &error.hint {
            Some(hint) => format!("{error} | {hint}"),
            None => error.to_string(),
        },
    }
}

#[test]
fn coremltools_yaml_is_accepted_unchanged() {
    let text = "config_type: OpLinearQuantizerConfig\nglobal_config:\n  mode: LINEAR\n  weight_threshold: \"512\"\nop_type_configs:\n  conv: null\nop_name_configs:\n  c1:\n    dtype: uint8\n";
    let recipe = Recipe::parse(text, "r.yaml").unwrap();
    let Action::Compress(steps) = &recipe.action else {
        panic!("{recipe:?}")
    };
    let Some(OpConfig::Linear(global)) = &steps[0].global else {
        panic!("{steps:?}")
    };
    assert_eq!(
        (global.mode, global.weight_threshold),
        (LinearMode::Linear, 512)
    );
    assert_eq!(steps[0].op_types["conv"], None);
    assert!(steps[0].op_names["c1"].is_some());
}

#[test]
fn refusals_name_line_key_and_the_nearest_known_one() {
    let step = "config_type: OpPalettizerConfig\nglobal_config:\n";
    for (text, expected) in [
        ("", "recipe: r.yaml: empty"),
        (
            "steps: 5",
            "recipe: r.yaml:1: /steps: must be a list, is an integer",
        ),
        ("a: [", "recipe: r.yaml:2: not YAML"),
        (
            "global_config: {nbits: 4}",
            "recipe: r.yaml:1: `config_type` is missing",
        ),
        (
            "config_type: OpPaletizerConfig",
            "recipe: r.yaml:1: /config_type: unknown class `OpPaletizerConfig` | did you mean OpPalettizerConfig?",
        ),
        (
            &format!("{step}  nbit: 4"),
            "recipe: r.yaml:3: /global_config: unknown key `nbit` | did you mean `nbits`?",
        ),
        (
            &format!("{step}  nbits: 5"),
            "recipe: r.yaml:3: /global_config/nbits: must be one of 1, 2, 3, 4, 6, 8, is `5`",
        ),
        (
            &format!("{step}  mode: kmeans"),
            "recipe: r.yaml:3: /global_config/nbits: must be given for mode kmeans",
        ),
        (
            &format!("{step}  {{mode: unique, enable_per_channel_scale: \"false\"}}"),
            "recipe: r.yaml:3: /global_config/enable_per_channel_scale: must be true or false",
        ),
        (
            &format!("{step}  {{mode: unique, weight_threshold: null}}"),
            "recipe: r.yaml:3: /global_config/weight_threshold: must not be null",
        ),
        (
            "config_type: OpMagnitudePrunerConfig\nglobal_config: {target_sparsity: 1.5}",
            "recipe: r.yaml:2: /global_config/target_sparsity: must be in 0..1, is 1.5",
        ),
        (
            "config_type: OpLinearQuantizerConfig\nop_type_configs:\n  const: {}",
            "recipe: r.yaml:2: /op_type_configs/const: constants cannot be chosen by type",
        ),
        (
            "config_type: OpLinearQuantizerConfig\nglobal_config: {}\nop_name_configs:\n  a: {config_type: OpPalettizerConfig, nbits: 4}",
            "recipe: r.yaml:1: one step mixes",
        ),
        ("a: 1\na: 2", "recipe: r.yaml:2: key `a` twice"),
        ("x: 1\n---\ny: 2", "recipe: r.yaml:"),
    ] {
        let line = refused(text);
        assert!(
            line.starts_with(expected),
            "{text:?}\n  gave     {line}\n  expected {expected}"
        );
    }
}

#[test]
fn what_is_not_built_is_refused_as_such() {
    for name in [
        "float16",
        "int4-block32",
        "prune-2of4",
        "prune-50+int8",
        "palettize-4-grouped16",
    ] {
        let error = Recipe::named(name).unwrap_err();
        assert!(error.unsupported, "{name}: {error}");
    }
    let error = Recipe::named("int9").unwrap_err();
    assert!(!error.unsupported && error.hint.unwrap().contains("int8"));
}

#[test]
fn aliases_cannot_grow_beyond_the_limit() {
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (from, to) in [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("e", "f")] {
        use std::fmt::Write as _;
        writeln!(
            text,
            "{to}: &{to} [*{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}, *{from}]"
        )
        .unwrap();
    }
    assert!(
        refused(&text).contains("more than 20000 values"),
        "{}",
        refused(&text)
    );
    assert!(refused(&"[".repeat(100)).contains("nested deeper than 32"));
}

#[test]
fn an_echo_reads_back_as_the_same_recipe() {
    for row in named().into_iter().filter(|row| row.built) {
        let recipe = Recipe::named(row.name).unwrap();
        let again = Recipe::from_json(&recipe.config()).unwrap();
        assert_eq!(recipe, again, "{}", row.name);
        assert_eq!(recipe.digest(), again.digest());
    }
}

#[test]
fn the_digest_is_of_what_is_done_and_not_of_names() {
    let int8 = Recipe::named("int8").unwrap();
    let text = "name: other\nsteps: [{config_type: OpLinearQuantizerConfig, global_config: {}}]";
    assert_eq!(Recipe::parse(text, "r").unwrap().digest(), int8.digest());
    let exact = format!("{text}\noptions: {{compat: exact}}");
    let exact = Recipe::parse(&exact, "r").unwrap();
    assert_eq!(exact.options.compat, Compat::Exact);
    assert_ne!(exact.digest(), int8.digest());
}

#[test]
fn every_named_recipe_has_the_name_of_its_row() {
    for row in named().into_iter().filter(|row| !row.yaml.is_empty()) {
        assert!(
            row.yaml.starts_with(&format!("name: {}\n", row.name)),
            "{}",
            row.name
        );
        assert!(!row.description.is_empty());
    }
}

#[test]
fn what_a_recipe_needs_is_what_the_documentation_says() {
    let newer = [
        "int4-block32",
        "palettize-3",
        "palettize-4-grouped16",
        "palettize-4-vector2",
        "prune-50+int8",
        "prune-50+palettize-4",
        "palettize-4+lut-int8",
    ];
    for recipe in named() {
        let expected = match recipe.name {
            "float16" | "decompress" => None,
            name if newer.contains(&name) => Some("iOS18"),
            _ => Some("iOS16"),
        };
        assert_eq!(recipe.needs, expected, "{}", recipe.name);
    }
}

#[test]
fn likely_bytes_follow_from_the_recipe() {
    let weight = DenseWeight {
        elements: 9216,
        channels: 32,
        element_bytes: 2,
    };
    let rows = [
        ("int8", Some(9216 + 64)),
        ("int8-asymmetric", Some(9216 + 96)),
        ("int8-per-tensor", Some(9216 + 2)),
        ("palettize-4", Some(4608 + 32)),
        ("palettize-3", Some(3456 + 16)),
        ("palettize-unique", None),
        ("prune-50", Some(9216 + 1152)),
        ("decompress", Some(18432)),
    ];
    for (name, bytes) in rows {
        let recipe = Recipe::named(name).unwrap();
        assert_eq!(recipe.likely_bytes(weight), bytes, "{name}");
    }
    let small = DenseWeight {
        elements: 2048,
        ..weight
    };
    let int8 = Recipe::named("int8").unwrap();
    assert_eq!(int8.likely_bytes(small), Some(4096));
}
