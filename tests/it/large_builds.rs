//! Files that make a build of a size that nobody builds: the model gives up in time, and says so.

use std::fmt::Write;

use dockfix::{model::build::Build, syntax, verify::Comparison};

fn lines(count: usize, line: impl Fn(&mut String, usize)) -> String {
    let mut text = "FROM a\n".to_owned();
    for at in 0..count {
        line(&mut text, at);
    }
    text
}

#[test]
fn the_model_gives_up_in_time() {
    let text: &[(&str, bool, String)] = &[
        ("variables", false, lines(5_000, |it, at| writeln!(it, "ENV A{at}=b").unwrap())),
        ("variables set again", false, lines(5_000, |it, at| writeln!(it, "ENV A{}=b", at % 2_000).unwrap())),
        ("variables between steps", true, lines(3_000, |it, at| writeln!(it, "ENV A{at}=b\nRUN c").unwrap())),
        ("variables of variables", true, lines(60, |it, _| writeln!(it, "ENV A=$A$A").unwrap())),
        ("declarations", true, lines(5_000, |it, _| writeln!(it, "ARG A").unwrap())),
        ("operations", true, lines(1_000, |it, _| writeln!(it, "ENV A=${{A:-b}}").unwrap())),
        (
            "long values",
            true,
            lines(5_000, |it, at| {
                let long = if at == 0 { "x".repeat(60_000) } else { format!("$A0{at}") };
                writeln!(it, "ENV A{at}={long}$A0").unwrap();
            }),
        ),
        ("ports", true, lines(2_000, |it, _| writeln!(it, "EXPOSE 1-65535").unwrap())),
        ("stages", false, lines(5_000, |it, at| writeln!(it, "FROM a AS s{at}").unwrap())),
        (
            "inherited variables",
            true,
            lines(1_500, |it, at| {
                writeln!(
                    it,
                    "FROM {} AS s{at}\nENV A{at}=b",
                    if at == 0 { "x".to_owned() } else { format!("s{}", at - 1) }
                )
                .unwrap();
            }),
        ),
        ("unknown instructions", true, lines(5_000, |it, at| writeln!(it, "X{at} y").unwrap())),
        ("labels", false, lines(5_000, |it, at| writeln!(it, "LABEL a{at}=b").unwrap())),
    ];
    for (name, problem, text) in text {
        let build = Build::new(&syntax::parse(text));
        assert_eq!(!build.problems.is_empty(), *problem, "{name}: {:?}", build.problems.first());
        assert!(Comparison::new(&build, &Build::new(&syntax::parse(text))).is_same(), "{name}");
    }
}
