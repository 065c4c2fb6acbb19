//! Wrong usage is status 2 and one line; so is a wrong configuration; an absent server is 7.

use super::process::Place;

#[test]
fn wrong_usage() {
    let place = Place::new();
    let check = |arguments: &[&str], expected: &str| {
        let done = place.run(arguments);
        assert_eq!(done.failed(2), expected, "{arguments:?}");
    };
    check(
        &["compres"],
        "error: wrong usage: unrecognized subcommand 'compres'",
    );
    check(
        &["compress"],
        "error: wrong usage: the following required arguments were not provided: --recipe <NAME|FILE> <PKG>",
    );
    check(
        &["wait", "7"],
        "error: wrong usage: invalid value '7' for '<JOB>': not a job id: expected a UUID",
    );
    check(
        &["pull", "7"],
        "error: wrong usage: invalid value '7' for '<REV>': expected the id of a revision, or MODEL@ALIAS",
    );
    check(
        &["serve", "--exit"],
        "error: wrong usage: the following required arguments were not provided: --demo",
    );
    check(
        &["recipes", "int9"],
        "error: recipe: int9: no recipe of this name",
    );
    check(
        &["push", "nothing.zip", "--model", "m"],
        "error: cannot read: nothing.zip: No such file or directory (os error 2)",
    );
    check(
        &["push", "a b", "--url", "nowhere"],
        "error: wrong server address: nowhere: relative URL without a base",
    );
}

#[test]
fn a_mistyped_command_or_flag_is_answered_with_the_nearest() {
    let place = Place::new();
    let hint = |arguments: &[&str]| {
        place
            .run(arguments)
            .stderr
            .lines()
            .nth(1)
            .unwrap_or_default()
            .to_owned()
    };
    assert!(
        hint(&["inspec"]).contains("'inspect'"),
        "{}",
        hint(&["inspec"])
    );
    assert!(
        hint(&["recipes", "palletize-4"]).contains("palettize-4"),
        "{}",
        hint(&["recipes", "palletize-4"])
    );
}

#[test]
fn no_command_is_wrong_usage_and_shows_the_commands() {
    let done = Place::new().run(&[]);
    assert_eq!(done.status, 2);
    assert!(done.stderr.contains("Commands:"), "{done:?}");
}

#[test]
fn an_absent_server_is_status_7() {
    let mut place = Place::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    place.set("COREANVIL_URL", &format!("http://{free}"));
    let done = place.run(&["wait", "01890000-0000-7000-8000-000000000001"]);
    assert!(
        done.failed(7)
            .starts_with("error: cannot reach the server: http://127.0.0.1:"),
        "{done:?}"
    );
    assert!(done.stderr.contains("COREANVIL_URL"), "{done:?}");
}
