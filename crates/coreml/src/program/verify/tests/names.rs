//! Names: defined once, before they are used, seen where they may be.

use super::damage::*;

#[test]
fn names_are_defined_once_and_before_use() {
    check(&[
        (
            "mnist_cnn",
            "control character",
            |model| operation(model, "relu").outputs[0].name = "a\nb".into(),
            "control character",
        ),
        (
            "mnist_cnn",
            "empty",
            |model| operation(model, "relu").outputs[0].name.clear(),
            "is empty",
        ),
        (
            "mnist_cnn",
            "endless",
            |model| operation(model, "relu").outputs[0].name = "x".repeat(5000),
            "limits.name_bytes",
        ),
        (
            "mnist_cnn",
            "type",
            |model| operation(model, "relu").r#type.clear(),
            "the type of the operation is empty",
        ),
        (
            "mnist_cnn",
            "later",
            |model| block(model).operations.reverse(),
            "which nothing before it defines",
        ),
        (
            "mnist_cnn",
            "twice",
            |model| {
                let first = block(model).operations[0].clone();
                block(model).operations.insert(1, first);
            },
            "is defined already",
        ),
        (
            "mnist_cnn",
            "output",
            |model| block(model).outputs.push("gone".into()),
            "block output names \"gone\"",
        ),
        (
            "mnist_cnn",
            "no argument",
            |model| {
                operation(model, "relu")
                    .inputs
                    .get_mut("x")
                    .unwrap()
                    .arguments
                    .clear()
            },
            "parameter x has no argument",
        ),
        (
            "mnist_cnn",
            "empty argument",
            |model| {
                operation(model, "relu")
                    .inputs
                    .get_mut("x")
                    .unwrap()
                    .arguments[0]
                    .binding = None
            },
            "empty argument",
        ),
        (
            "mnist_cnn",
            "no type",
            |model| operation(model, "relu").outputs[0].r#type = None,
            "has no type",
        ),
        (
            "mnist_cnn",
            "input twice",
            |model| {
                let input = main(model).inputs[0].clone();
                main(model).inputs.push(input);
            },
            "is defined already",
        ),
    ]);
}

#[test]
fn nested_blocks_see_out_and_are_not_seen() {
    check(&[
        (
            "control_flow",
            "leak",
            |model| {
                let inner = operation(model, "cond").blocks[0].operations[0].outputs[0]
                    .name
                    .clone();
                block(model).outputs[0] = inner;
            },
            "which nothing before it defines",
        ),
        (
            "control_flow",
            "sibling",
            |model| {
                let cond = operation(model, "cond");
                cond.blocks[1].outputs[0] = cond.blocks[0].operations[0].outputs[0].name.clone();
            },
            "which nothing before it defines",
        ),
        (
            "control_flow",
            "shadow",
            |model| {
                let outer = main(model).inputs[0].name.clone();
                operation(model, "cond").blocks[0].operations[0].outputs[0].name = outer;
            },
            "is defined already",
        ),
        (
            "control_flow",
            "one block",
            |model| operation(model, "cond").blocks.truncate(1),
            "1 nested blocks",
        ),
        (
            "control_flow",
            "three blocks",
            |model| {
                let first = operation(model, "cond").blocks[0].clone();
                operation(model, "cond").blocks.push(first);
            },
            "3 nested blocks",
        ),
        (
            "control_flow",
            "outputs",
            |model| operation(model, "cond").blocks[0].outputs.clear(),
            "gives 0 values",
        ),
        (
            "control_flow",
            "loop outputs",
            |model| {
                let body = &mut operation(model, "while_loop").blocks[1];
                body.outputs.pop();
            },
            "a nested block gives",
        ),
        (
            "control_flow",
            "loop inputs",
            |model| {
                operation(model, "while_loop")
                    .inputs
                    .get_mut("loop_vars")
                    .unwrap()
                    .arguments
                    .pop();
            },
            "a nested block takes",
        ),
    ]);
}
