//! What `--help` says, as snapshots: a change of a flag is a change of these files.

use super::process::Place;

#[test]
fn help_of_every_command() {
    let place = Place::new();
    let check = |name: &str, arguments: &[&str]| {
        let mut arguments = arguments.to_vec();
        arguments.push("--help");
        let done = place.run(&arguments);
        assert_eq!((done.status, done.stderr.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(format!("help-{name}"), done.stdout);
    };
    check("coreanvil", &[]);
    for name in [
        "serve",
        "worker",
        "migrate",
        "doctor",
        "token",
        "inspect",
        "compress",
        "decompress",
        "recipes",
        "push",
        "submit",
        "wait",
        "pull",
    ] {
        check(name, &[name]);
    }
    for name in ["create", "list", "revoke", "generate"] {
        check(&format!("token-{name}"), &["token", name]);
    }
}
