//! Charts as text: snapshots of small ones, and what must hold of all.

use api::weights::{Histogram, PaletteEntry};

use super::layout::place;
use super::svg::{escaped, ticks};
use super::{
    After, Graph, GraphEdge, GraphNode, Look, Meter, Moved, Part, Stack, Values, number,
    percent_encoded, temper,
};

#[test]
fn numbers_have_three_digits_and_a_real_minus() {
    for (value, text) in [
        (0.0, "0"),
        (0.0958, "0.0958"),
        (0.00123, "0.00123"),
        (-0.5, "−0.500"),
        (1.27, "1.27"),
        (12.34, "12.3"),
        (-1234.0, "−1234"),
        (1e-7, "1.00e−7"),
        (3.0e38, "3.00e38"),
    ] {
        assert_eq!(number(value), text, "{value}");
    }
}

#[test]
fn names_cannot_leave_their_place() {
    let name = "a/b?c#d\"><script>'&%2e\u{0}ß";
    assert_eq!(
        percent_encoded(name),
        "a%2Fb%3Fc%23d%22%3E%3Cscript%3E%27%26%252e%00%C3%9F"
    );
    let safe = escaped(name);
    assert!(!safe.contains(['<', '>', '"', '\'', '\u{0}']), "{safe}");
}

#[test]
fn ticks_are_round_and_few() {
    let near = |made: Vec<f64>, wanted: &[f64]| {
        assert_eq!(made.len(), wanted.len(), "{made:?}");
        assert!(
            made.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-9),
            "{made:?}"
        );
    };
    near(ticks(-0.23, 0.31, 5.0), &[-0.2, 0.0, 0.2]);
    near(ticks(0.0, 10.0, 5.0), &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    near(ticks(1.0, 1.0, 5.0), &[]);
    near(ticks(f64::NAN, 1.0, 5.0), &[]);
}

#[test]
fn bits_have_their_colours() {
    for (name, class) in [
        ("float32", "b32"),
        ("float16", "b16"),
        ("int8 affine", "b8"),
        ("uint8", "b8"),
        ("6-bit palette", "b6"),
        ("4-bit palette", "b4"),
        ("3-bit palette", "b4"),
        ("2-bit palette", "b2"),
        ("1-bit palette", "b1"),
        ("int4 block", "b4"),
        ("sparse float16", "b1"),
        ("sparse 4-bit palette", "b4"),
        ("", "b32"),
    ] {
        assert_eq!(temper(name), class, "{name}");
    }
}

#[test]
fn cells() {
    let part = |class, share| Part { class, share };
    let stack = Stack {
        parts: vec![part("b6", 0.75), part("b16", 0.5)],
        label: "75 % <6-bit>".to_owned(),
        tall: true,
    };
    let moved = Moved {
        class: "b4",
        now: 25,
        was: 100,
        whole: 200,
    };
    insta::assert_snapshot!(
        [
            stack.to_string(),
            Meter(28.12).to_string(),
            moved.to_string()
        ]
        .join("\n")
    );
}

#[test]
fn a_histogram_with_its_palette() {
    let before = Histogram {
        from: -0.25,
        to: 0.35,
        counts: vec![1, 40, 4000, 100, 0],
        below: 0,
        above: 2,
    };
    let entry = |value, count| PaletteEntry { value, count };
    let entries = [
        entry(Some(-0.1), 41),
        entry(Some(0.1), 4100),
        entry(Some(4.96), 2),
        entry(None, 0),
    ];
    let chart = Values {
        title: "4143 values before, 4 entries after".to_owned(),
        before: &before,
        after: After::Palette(&entries),
        class: "b4",
    };
    let made = chart.to_string();
    // What lies beyond the axis is not drawn.
    assert_eq!(made.matches("class=\"stem s-b4\"").count(), 2);
    insta::assert_snapshot!(made);
    let empty = Histogram::default();
    let nothing = Values {
        title: String::new(),
        before: &empty,
        after: After::Counts(&before),
        class: "b8",
    };
    assert!(!nothing.to_string().contains("NaN"), "{nothing}");
}

#[test]
fn layers_go_down_and_nothing_overlaps() {
    // A diamond with a long edge beside it, a loop, and a node alone.
    let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3), (3, 4), (4, 3)];
    let made = place(6, &edges);
    let layer = |i: usize| made.nodes[i].layer;
    assert_eq!(
        [layer(0), layer(1), layer(2), layer(3), layer(4)],
        [0, 1, 1, 2, 3]
    );
    assert_eq!(
        made.bends[4].len(),
        3,
        "the long edge has a place in the layer between"
    );
    for a in 0..6 {
        for b in 0..a {
            let apart = (made.nodes[a].column - made.nodes[b].column).abs() > 0.99;
            assert!(layer(a) != layer(b) || apart, "{a} {b} {made:?}");
        }
    }
    assert!(
        made.nodes
            .iter()
            .all(|n| n.column >= 0.5 - 1e-9 && n.column <= made.columns)
    );
    assert_eq!(made, place(6, &edges), "the same graph is the same picture");
    assert_eq!(place(0, &[]).layers, 0);
    assert_eq!(place(1, &[(0, 0)]).layers, 1);
}

#[test]
fn large_and_odd_graphs_end() {
    let line: Vec<(usize, usize)> = (0..71).map(|i| (i, i + 1)).collect();
    assert_eq!(place(72, &line).layers, 72);
    let all: Vec<(usize, usize)> = (0..40).flat_map(|a| (0..40).map(move |b| (a, b))).collect();
    let made = place(40, &all);
    assert!(made.nodes.iter().all(|n| n.column.is_finite()));
}

#[test]
fn a_graph() {
    let node = |title: &str, look, href: Option<&str>| GraphNode {
        href: href.map(str::to_owned),
        title: title.to_owned(),
        note: "1×128×384".to_owned(),
        label: format!("{title}, 1×128×384"),
        look,
        temper: (look == Look::Plain).then_some("b6"),
        this: title == "add",
    };
    let edge = |from, to| GraphEdge {
        from,
        to,
        label: "x, float16".to_owned(),
    };
    let graph = Graph {
        label: "one \"layer\"".to_owned(),
        nodes: vec![
            node("input", Look::Port, None),
            node(
                "scaled_dot_product_attention_of_a_long_name",
                Look::Plain,
                Some("?op=1"),
            ),
            node("add", Look::Layer, Some("?layer=2&op=a")),
        ],
        edges: vec![edge(0, 1), edge(1, 2), edge(0, 2)],
    };
    insta::assert_snapshot!(graph.to_string());
}
