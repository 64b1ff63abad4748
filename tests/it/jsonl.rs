//! `dockfix fix --jsonl`: rows in, rows out.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::Stdio,
    sync::OnceLock,
};

use dockfix::{
    config::{Overrides, Resolver},
    fix::{self, Safety},
    rules::ALL,
};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{corpus, program::Folder};

const MESSY: &str = "from alpine as base\nENV greeting hello\nCMD one\nCMD two\nrun a &&  b\n";

/// What holds for each answer, by its schema.
fn holds(answer: &Value) {
    static SCHEMA: OnceLock<Validator> = OnceLock::new();
    let validator = SCHEMA.get_or_init(|| {
        let read = |name: &str| -> Value {
            let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
            serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
        };
        let (mut schema, report) = (read("jsonl.schema.json"), read("report.schema.json"));
        for (name, definition) in report["definitions"].as_object().unwrap() {
            schema["definitions"][name] = definition.clone();
        }
        let finding = &mut schema["properties"]["findings"]["items"]["$ref"];
        assert_eq!(*finding, "report.schema.json#/definitions/finding");
        *finding = json!("#/definitions/finding");
        jsonschema::validator_for(&schema).unwrap()
    });
    let errors: Vec<String> = validator.iter_errors(answer).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{answer:#}");
}

/// The answers to lines; there is one for each, and the program says nothing else.
fn answers_in(folder: &Folder, args: &[&str], input: impl AsRef<[u8]>) -> Vec<Value> {
    let said = folder.pipe(&[&["fix", "--jsonl"], args].concat(), input.as_ref());
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{args:?}");
    let answers: Vec<Value> = said.out.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    answers.iter().for_each(holds);
    let rows = input.as_ref().split_inclusive(|it| *it == b'\n').count();
    assert_eq!(answers.len(), rows);
    answers
}

fn answers(args: &[&str], rows: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    answers_in(&Folder::new(&[]), args, lines.join("\n"))
}

fn answer(args: &[&str], row: Value) -> Value {
    answers(args, &[row]).remove(0)
}

#[test]
fn real_files_become_what_a_plain_run_makes_of_them() {
    let files = corpus::files();
    let rows: Vec<Value> = files.iter().map(|(path, text)| json!({"path": path, "text": text})).collect();
    let answers_once = answers(&[], &rows);
    let isolated = Overrides { isolated: true, ..Overrides::default() };
    let settings = Resolver::new(ALL, isolated).unwrap();
    for ((path, text), answer) in files.iter().zip(&answers_once) {
        let job = settings.settings_for(path.as_ref()).unwrap().fix_job(Safety::Safe, true);
        let plain = fix::run(text, &job);
        assert_eq!((answer["path"].as_str().unwrap(), answer["text"].as_str().unwrap()), (path.as_str(), &*plain.text));
        assert_eq!(answer["changed"], *text != plain.text, "{path}");
        assert_eq!(answer["steps_rebuilt"], plain.steps_rebuilt, "{path}");
        assert_eq!(answer["effect"] == "none", plain.effect == fix::Effect::None, "{path}");
        assert_eq!(answer["passed_over"].is_null(), plain.passed_over.is_none(), "{path}");
        assert!(answer["error"].is_null(), "{path}: {}", answer["error"]);
    }
    // An answer is a row too, and there is nothing left to do.
    for (once, twice) in answers_once.iter().zip(answers(&["-j", "3"], &answers_once)) {
        assert_eq!((&once["text"], &once["findings"]), (&twice["text"], &twice["findings"]));
        assert_eq!(
            (&twice["changed"], &twice["effect"], &twice["steps_rebuilt"]),
            (&json!(false), &json!("none"), &json!(0))
        );
    }
}

#[test]
fn an_answer_says_what_the_program_says() {
    let text = format!("{MESSY}run sudo c\n");
    let answer = answer(&[], json!({"path": "a/Dockerfile", "text": text}));
    let folder = Folder::new(&[("a/Dockerfile", &text)]);
    let said = folder.run(&["fix", "--isolated", "--output-format=json", "--output-file=report.json"]);
    assert_eq!((said.code, &said.out), (1, &String::new()), "{}", said.err);
    assert_eq!(answer["text"], folder.read("a/Dockerfile"));
    let report: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!(answer["findings"], report["findings"]);
    assert!(!answer["findings"].as_array().unwrap().is_empty());
    assert_eq!(answer["effect"], "image");
    assert!(said.err.contains(&format!("; {} build step", answer["steps_rebuilt"])), "{}", said.err);
    assert_eq!(answer["applied"]["as-casing"], 1);
}

#[test]
fn effects_are_told() {
    for (args, text, effect, steps) in [
        (&[][..], "from alpine as a\nENV a b\n", "none", 0),
        (&[], "FROM alpine\nRUN a &&  b\nCOPY a /b/\n", "rebuild", 2),
        (&["--keep-cache"], "FROM alpine\nRUN a &&  b\nCOPY a /b/\n", "none", 0),
        (&["--unsafe", "--select=sudo"], "FROM alpine\nRUN a\nRUN sudo b\n", "image", 1),
        // White space in a shell form is part of the image's config, and no step.
        (&[], "FROM alpine\nCMD a &&  b\n", "rebuild", 0),
    ] {
        let answer = answer(args, json!({"text": text}));
        let told = (&answer["effect"], &answer["steps_rebuilt"]);
        assert_eq!(told, (&json!(effect), &json!(steps)), "{args:?} {text:?}: {answer:#}");
    }
}

#[test]
fn bad_rows_get_an_error_and_stop_nothing() {
    let bad: &[(&[u8], &str)] = &[
        (b"", "EOF while parsing a value at column 1 of ``"),
        (b"  ", "EOF while parsing a value at column 2 of `  `"),
        (b"{\"path\": \"a\", \"text\"", "EOF while parsing an object at column 20 of `{\"path\": \"a\", \"text\"`"),
        (b"{} {}", "trailing characters at column 4 of `{} {}`"),
        (b"FROM a", "expected value at column 1 of `FROM a`"),
        (b"\"FROM a\"", "invalid type: string \"FROM a\", expected an object at column 8 of `\"FROM a\"`"),
        (b"[\"a\"]", "invalid type: sequence, expected an object at column 1 of `[\"a\"]`"),
        (b"{\"text\": \"caf\xe9\"}", "not UTF-8 at byte 14 of `{\"text\": \"caf\u{fffd}\"}`"),
        (b"{}", "the row has no `text`"),
        (b"{\"text\": null}", "the row has no `text`"),
        (b"{\"text\": 1}", "`text` is no text: invalid type: integer `1`, expected a string"),
        (b"{\"text\": \"\\udc80\"}", "`text` is no text: lone leading surrogate in hex escape"),
        (b"{\"text\": \"\", \"path\": [1]}", "`path` is no text: invalid type: sequence, expected a string"),
    ];
    for (line, error) in bad {
        let good = json!({"path": "p", "text": "from a\n"}).to_string();
        let input = [line, &b"\n"[..], good.as_bytes(), b"\n"].concat();
        let answers = answers_in(&Folder::new(&[]), &[], input);
        assert_eq!(answers[0]["error"], *error, "{}", String::from_utf8_lossy(line));
        assert_eq!((&answers[0]["changed"], &answers[0]["findings"]), (&json!(false), &json!([])));
        assert_eq!((&answers[1]["text"], &answers[1]["error"]), (&json!("FROM a\n"), &Value::Null));
    }
    let answer = answer(&[], json!({"path": "p", "sha": "x", "text": 1}));
    assert_eq!((&answer["path"], &answer["sha"], &answer["text"]), (&json!("p"), &json!("x"), &Value::Null));
}

#[test]
fn a_row_that_is_too_long_is_left_out() {
    let row = json!({"text": "#".repeat((64 << 20) + 1)}).to_string();
    let answers = answers_in(&Folder::new(&[]), &[], format!("{row}\n{{\"text\": \"from a\\n\"}}\n{row}"));
    let error = json!("longer than 64 MiB, which is the most that is read");
    assert_eq!((&answers[0]["error"], &answers[0]["text"]), (&error, &Value::Null));
    assert_eq!(answers[1]["text"], "FROM a\n");
    assert_eq!(answers[2]["error"], error);
}

#[test]
fn documents_that_are_left_alone_come_back_as_they_were() {
    for (text, class, message) in [
        ("from {{ a }}\n", "template", "it is a template (Go or Jinja)"),
        ("# syntax=a/b\nfrom a\n", "foreign-syntax", "`# syntax` names another frontend, `a/b`"),
        ("a b\nc d\nfrom e\n", "not-a-dockerfile", "most of its instructions are none of a Dockerfile"),
        ("from a\nRUN <<E\n", "refused", "BuildKit refuses it"),
        ("# nothing\n", "refused", "it holds no instruction"),
        ("", "refused", "it holds no instruction"),
        ("# dockfix: ignore-file\nfrom a\n", "suppressed", "a comment keeps dockfix away from it"),
    ] {
        let answer = answer(&[], json!({"text": text}));
        assert_eq!(answer["passed_over"], json!({"class": class, "message": message}), "{text:?}");
        assert_eq!(
            (&answer["text"], &answer["changed"], &answer["error"]),
            (&json!(text), &json!(false), &Value::Null)
        );
        let errors = answer["findings"].as_array().unwrap().iter().filter(|it| it["kind"] == "syntax").count();
        assert_eq!(errors > 0, class == "refused" || class == "not-a-dockerfile", "{answer:#}");
    }
}

#[test]
fn characters_that_stand_for_bytes_come_back_as_they_were() {
    for c in ['\u{10ff80}', '\u{10ffff}', '\u{2028}', '\u{7f}', '\0', '\u{fffd}', '\u{feff}'] {
        let answer = answer(&[], json!({"text": format!("from a\n# {c}\n")}));
        assert_eq!(answer["text"], format!("FROM a\n# {c}\n"));
    }
}

#[test]
fn what_is_not_known_comes_back_as_it_was_written() {
    let line = "\u{feff} {\"z\": 1e400, \"text\": \"from a\\n\", \"id\":12345678901234567890123, \"config\": null, \
                \"n\" : {\"a\":[1.10, \"\\ud800\"]}, \"error\": \"old\", \"text\": \"from b\\n\"}\r\n";
    let said = Folder::new(&[]).pipe(&["fix", "--jsonl"], line);
    let end = ",\"error\":null,\"z\":1e400,\"id\":12345678901234567890123,\"n\":{\"a\":[1.10, \"\\ud800\"]}}\n";
    assert!(said.out.starts_with("{\"path\":null,\"text\":\"FROM b\\n\",\"changed\":true,"), "{}", said.out);
    assert!(said.out.ends_with(end), "{}", said.out);
}

#[test]
fn settings_come_from_arguments_and_rows_alone() {
    let folder = Folder::new(&[
        ("dockfix.toml", "format.indent = 1\n"),
        (".editorconfig", "[*]\nindent_size = 7\nindent_style = space\n"),
        ("other.toml", "format.indent = 3\n[[overrides]]\nfiles = [\"deep/**\"]\nformat.indent = 5\n"),
    ]);
    let row = |path: &str, config: Value| json!({"path": path, "text": "FROM a\nRUN a \\\n&& b\n", "config": config});
    let indent = |args: &[&str], row: Value| {
        let answer = answers_in(&folder, args, row.to_string()).remove(0);
        let text = answer["text"].as_str().unwrap();
        (text.find("&&").unwrap() - text.find("\\\n").unwrap() - 2, answer["error"].as_str().map(str::to_owned))
    };
    let null = Value::Null;
    assert_eq!(indent(&[], row("Dockerfile", null.clone())), (4, None));
    assert_eq!(indent(&["--isolated"], row("Dockerfile", null.clone())), (4, None));
    assert_eq!(indent(&["--config=other.toml"], row("Dockerfile", null.clone())), (3, None));
    assert_eq!(indent(&["--config=other.toml"], row("deep/Dockerfile", null.clone())), (5, None));
    assert_eq!(indent(&["--option=format.indent=6"], row("Dockerfile", json!("format.indent = 2"))), (6, None));
    for args in [&[][..], &["--config=other.toml"]] {
        assert_eq!(indent(args, row("deep/Dockerfile", json!("format.indent = 2"))), (2, None));
        assert_eq!(indent(args, row("Dockerfile", json!({"format": {"indent": 2}}))), (2, None));
    }
    let overrides = json!({"overrides": [{"files": ["deep/**"], "format": {"indent": 8}}]});
    assert_eq!(indent(&[], row("deep/Dockerfile", overrides.clone())), (8, None));
    assert_eq!(indent(&[], row("Dockerfile", overrides)), (4, None));
    for (config, error) in [
        (json!("\nformat.indnt = 2"), "config:2:8: unknown option `indnt`\nhelp: did you mean `indent`?"),
        (json!({"format": {"indnt": 2}}), "config:2:1: unknown option `indnt`\nhelp: did you mean `indent`?"),
        (json!([2]), "`config` is neither the text of a dockfix.toml nor an object of its options: invalid type"),
        (json!({"preset": null}), "`config` is neither the text of a dockfix.toml nor an object"),
    ] {
        let (indent, said) = indent(&[], row("Dockerfile", config.clone()));
        assert_eq!(indent, 0, "the text has changed");
        let said = said.unwrap();
        assert!(said.starts_with(error), "{config}: {said}");
    }
}

#[test]
fn many_settings_are_told_apart() {
    let row = |nth: usize| json!({"text": "FROM a\nRUN a \\\n&& b\n", "config": format!("format.indent = {}", nth % 100 % 16 + 1), "n": nth});
    let rows: Vec<Value> = (0..400).map(row).collect();
    for (nth, answer) in answers(&[], &rows).iter().enumerate() {
        let blanks = " ".repeat(nth % 100 % 16 + 1);
        assert_eq!((&answer["n"], &answer["text"]), (&json!(nth), &json!(format!("FROM a\nRUN a \\\n{blanks}&& b\n"))));
    }
}

#[test]
fn each_row_is_answered_before_the_next_one_comes() {
    let folder = Folder::new(&[]);
    let mut command = folder.command(&["fix", "--jsonl"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for nth in 0..5 {
        writeln!(input, "{}", json!({"text": "from a\n", "n": nth})).unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&answer["n"], &answer["text"]), (&json!(nth), &json!("FROM a\n")));
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn nobody_waits_for_the_end_of_the_input_when_the_output_is_gone() {
    let folder = Folder::new(&[]);
    let mut command = folder.command(&["fix", "--jsonl"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    drop(child.stdout.take());
    writeln!(input, "{}", json!({"text": "from a\n"})).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(141));
}

#[test]
fn nothing_in_is_nothing_out() {
    let said = Folder::new(&[]).pipe(&["fix", "--jsonl"], "");
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
}

#[test]
fn arguments_that_make_no_sense_with_rows_are_refused() {
    let folder = Folder::new(&[("Dockerfile", MESSY)]);
    for args in [
        &["Dockerfile"][..],
        &["--diff"],
        &["--check"],
        &["--since=HEAD"],
        &["--staged"],
        &["--statistics"],
        &["--stdin-filename=a"],
        &["--output-format=json"],
        &["--output-file=a"],
        &["--exit-zero"],
        &["--exit-non-zero-on-fix"],
        &["--fail-on=safe"],
        &["--select=nothing"],
        &["--config=none.toml"],
    ] {
        let said = folder.run(&[&["fix", "--jsonl"], args].concat());
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{args:?}");
    }
    assert_eq!(folder.read("Dockerfile"), MESSY);
}
