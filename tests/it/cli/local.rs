//! Work on this machine: inspect, compress, decompress, recipes.

use super::process::Place;

#[test]
fn recipes_are_listed_and_shown() {
    let place = Place::new();
    let list = place.run(&["recipes", "--json"]).json();
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|recipe| recipe["name"].as_str().unwrap())
        .collect();
    for name in ["int8", "palettize-4", "prune-50", "decompress"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let shown = place.run(&["recipes", "int8", "--json"]).json();
    assert!(
        shown["digest"].as_str().unwrap().starts_with("sha256:"),
        "{shown}"
    );
    assert!(place.run(&["recipes"]).stdout.contains("palettize-4"));
    assert_eq!(place.run(&["recipes", "float16"]).status, 4);
}

#[test]
fn inspect_says_what_a_package_is() {
    let place = Place::new();
    place.model("mnist_cnn.mlpackage");
    let json = place
        .run(&["inspect", "mnist_cnn.mlpackage", "--json"])
        .json();
    assert_eq!(json["kind"], "mlpackage");
    assert_eq!(json["functions"][0]["name"], "main");
    let text = place.run(&["inspect", "mnist_cnn.mlpackage"]).stdout;
    for word in [
        "mnist_cnn.mlpackage",
        "runs on",
        "sha256:",
        "main (default)",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert_eq!(place.names(), ["mnist_cnn.mlpackage"]);
}

#[test]
fn compress_writes_beside_the_input_and_never_over_something() {
    let place = Place::new();
    place.model("mnist_cnn.mlpackage");
    let compress = ["compress", "mnist_cnn.mlpackage", "--recipe", "int8"];
    let done = place.run(&compress);
    assert_eq!((done.status, done.stderr.as_str()), (0, ""), "{done:?}");
    for word in ["mnist_cnn-int8.mlpackage", "smaller", "SNR", "worst"] {
        assert!(done.stdout.contains(word), "{word}: {}", done.stdout);
    }
    assert_eq!(
        place.names(),
        ["mnist_cnn-int8.mlpackage", "mnist_cnn.mlpackage"]
    );
    let again = place.run(&compress);
    assert!(
        again
            .failed(2)
            .starts_with("error: exists already: mnist_cnn-int8.mlpackage: "),
        "{again:?}"
    );
    let mut forced = compress.to_vec();
    forced.extend(["--force", "--json"]);
    let report = place.run(&forced).json();
    assert!(
        report["size_bytes_after"].as_u64().unwrap()
            < report["size_bytes_before"].as_u64().unwrap()
    );
    assert!(
        report["rows"]
            .as_array()
            .unwrap()
            .iter()
            .any(|row| row["snr_db"].is_number()),
        "{report}"
    );
    assert_eq!(
        place.names(),
        ["mnist_cnn-int8.mlpackage", "mnist_cnn.mlpackage"]
    );
}

#[test]
fn a_zip_is_written_and_read() {
    let place = Place::new();
    place.model("mnist_cnn.mlpackage");
    let done = place.run(&[
        "compress",
        "mnist_cnn.mlpackage",
        "--recipe",
        "palettize-4",
        "-o",
        "small.zip",
    ]);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(
        std::fs::read(place.path("small.zip"))
            .unwrap()
            .starts_with(b"PK")
    );
    let done = place.run(&["decompress", "small.zip"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert_eq!(
        place.names(),
        [
            "mnist_cnn.mlpackage",
            "small-decompressed.mlpackage",
            "small.zip"
        ]
    );
}

#[test]
fn a_recipe_file_names_the_output_and_a_wrong_one_is_status_2() {
    let place = Place::new();
    place.model("mnist_cnn.mlpackage");
    std::fs::write(place.path("none.yaml"), "name: nothing\nsteps: []\n").unwrap();
    let done = place.run(&["compress", "mnist_cnn.mlpackage", "--recipe", "none.yaml"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert_eq!(
        place.names(),
        [
            "mnist_cnn-nothing.mlpackage",
            "mnist_cnn.mlpackage",
            "none.yaml"
        ]
    );
    std::fs::write(place.path("wrong.yaml"), "steps: []\nnmae: wrong\n").unwrap();
    let done = place.run(&["compress", "mnist_cnn.mlpackage", "--recipe", "wrong.yaml"]);
    let line = done.failed(2);
    assert!(
        line.contains("wrong.yaml:2") && line.contains("nmae"),
        "{done:?}"
    );
}

#[test]
fn exit_statuses_of_inputs() {
    let place = Place::new();
    let check = |arguments: &[&str], status: i32| {
        let done = place.run(arguments);
        let line = done.failed(status).to_owned();
        assert!(line.matches(": ").count() >= 2, "{line}");
    };
    std::fs::write(place.path("text.mlmodel"), "this is no model at all").unwrap();
    std::fs::write(place.path("cut.zip"), b"PK\x03\x04 and nothing more").unwrap();
    place.model("legacy_glm.mlmodel");
    check(&["inspect", "nothing.mlpackage"], 2);
    check(&["inspect", "text.mlmodel"], 3);
    check(&["inspect", "cut.zip"], 3);
    check(&["compress", "legacy_glm.mlmodel", "--recipe", "int8"], 4);
    check(
        &[
            "inspect",
            "legacy_glm.mlmodel",
            "--set",
            "limits.model_bytes=10",
        ],
        3,
    );
    assert_eq!(
        place.names(),
        ["cut.zip", "legacy_glm.mlmodel", "text.mlmodel"]
    );
}

#[test]
fn an_interrupted_command_leaves_nothing() {
    let place = Place::new();
    place.model("mlp_fp32.mlpackage");
    let recipe = "config_type: OpPalettizerConfig\nglobal_config: {mode: kmeans, nbits: 8}\n";
    let compress = [
        "compress",
        "mlp_fp32.mlpackage",
        "--recipe",
        "pipe.yaml",
        "--threads",
        "1",
    ];
    let done = place.interrupt(&compress, "pipe.yaml", recipe);
    assert_eq!(
        done.failed(130),
        "error: interrupted: nothing was left behind",
        "{done:?}"
    );
    assert_eq!(place.names(), ["mlp_fp32.mlpackage"]);
}
