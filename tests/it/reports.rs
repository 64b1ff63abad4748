//! Reports for machines, held against the schemas of their formats.

use std::{fs, path::PathBuf, sync::OnceLock};

use jsonschema::Validator;
use serde_json::Value;

use crate::program::{Folder, Said, other};

const MESSY: &str = "from alpine as base\nENV greeting hello\nCMD one\nCMD two\nrun a &&  b\n";

/// Every format that is for machines.
const FORMATS: &[&str] =
    &["json", "json-lines", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "markdown"];

/// The ways in which a report is asked for.
const WAYS: &[&[&str]] = &[
    &["check"],
    &["check", "--select=all"],
    &["check", "--verbose"],
    &["format", "--check"],
    &["format", "--diff"],
    &["fix", "--diff"],
    &["fix", "--unsafe", "--check"],
];

/// A way that writes, and reports what is left.
const WRITES: &[&str] = &["fix"];

fn schema(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    // A bracket that stands for itself has to say so to the regular expressions of today.
    let text = fs::read_to_string(path).unwrap().replace("{2}]?$", r"{2}\\]?$");
    serde_json::from_str(&text).unwrap()
}

fn validator(schema: &Value) -> Validator {
    jsonschema::validator_for(schema).unwrap()
}

/// What holds for a document in a format, by its schema.
fn holds(format: &str, document: &Value) {
    static ALL: OnceLock<Vec<(&str, Validator)>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let ours = schema("docs/report.schema.json");
        let mut line = ours["definitions"]["finding"].clone();
        line["definitions"] = ours["definitions"].clone();
        vec![
            ("json", validator(&ours)),
            ("json-lines", validator(&line)),
            ("sarif", validator(&schema("tests/schemas/sarif-2.1.0.json"))),
            ("rdjson", validator(&schema("tests/schemas/rdjson.schema.json"))),
            ("gitlab", validator(&schema("tests/schemas/gitlab-code-quality.schema.json"))),
        ]
    });
    let validator = &all.iter().find(|it| it.0 == format).unwrap().1;
    let errors: Vec<String> =
        validator.iter_errors(document).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(errors.is_empty(), "{format}: {errors:#?}\n{document:#}");
}

/// A folder with all that a report may have to speak of: findings of all kinds, a template, what BuildKit refuses, what
/// can't be read, wrong settings, and names and texts that are hard to write.
fn hard() -> Folder {
    let folder = Folder::new(&[
        ("a/Dockerfile", MESSY),
        ("b: 100%, <&\"'>/Dockerfile", "from a\nENV x y\n"),
        ("Dockerfile.bad", "FROM a\nRNU `<x>` ]]> & \"%0A\"\n"),
        ("Dockerfile.cut", "FROM a\nRUN <<E\n"),
        ("Dockerfile.shell", "FROM a\nRUN if x\n"),
        ("Dockerfile.jinja.Dockerfile", "{% if x %}\nfrom  a\n{% endif %}\n"),
        ("Dockerfile.none", ""),
        ("Dockerfile.good", "FROM alpine:3.20\n"),
        ("settings/dockfix.toml", "[format]\nindnt = 2\n"),
        ("settings/Dockerfile", "from a\n"),
        ("crlf/Dockerfile", "from a\r\nENV x y\r\nRUN  x\r\n"),
    ]);
    folder.write(
        "bytes/Dockerfile",
        b"\xef\xbb\xbffrom a\n# \xc3\xa4\xff\x1b[31m\x01\nENV x  \xe9y \nRUN a  &&  b '\xff'\n",
    );
    #[cfg(unix)]
    {
        use std::os::unix::{ffi::OsStrExt, fs::symlink};
        for name in [&b"new\nline\x1b"[..], b"caf\xe9 | `x`"] {
            let path = folder.join(std::ffi::OsStr::from_bytes(name));
            fs::create_dir(&path).unwrap();
            fs::write(path.join("Dockerfile"), MESSY).unwrap();
        }
        fs::write(folder.join("big"), "").unwrap();
        symlink("big", folder.join("Dockerfile.link")).unwrap();
    }
    folder
}

fn report(folder: &Folder, way: &[&str], format: &str) -> Said {
    let said = folder.run(&[way, &["--output-format", format]].concat());
    assert!(!said.err.contains("fault of dockfix"), "{}", said.err);
    assert_eq!(String::from_utf8(said.bytes.clone()).unwrap(), said.out, "{format} is UTF-8");
    said
}

#[test]
fn json_holds_its_schemas() {
    for way in WAYS.iter().chain(&[WRITES]) {
        for format in ["json", "sarif", "rdjson", "gitlab"] {
            let said = report(&hard(), way, format);
            assert_eq!(said.code, 2, "{way:?}: {}", said.err);
            holds(format, &serde_json::from_str(&said.out).unwrap());
        }
        // What is a URI is held to the characters of one, which schemas leave to their readers.
        let said = report(&hard(), way, "sarif");
        for uri in said.out.split("\"uri\":\"").skip(1).map(|it| it.split('"').next().unwrap()) {
            let is_allowed = |it: char| it.is_ascii_alphanumeric() || "-._~/%".contains(it);
            assert!(uri.trim_start_matches("file:").chars().all(is_allowed), "{uri}");
        }
        #[cfg(unix)]
        assert!(said.out.contains("\"caf%E9%20%7C%20%60x%60/Dockerfile\"") || *way == WRITES, "{}", said.out);
        let said = report(&hard(), way, "json-lines");
        assert!(said.out.lines().count() >= 5, "{way:?}: {}", said.out);
        for line in said.out.lines() {
            holds("json-lines", &serde_json::from_str(line).unwrap());
        }
    }
    // Where there is nothing to tell, a document is one all the same.
    let clean = Folder::new(&[("Dockerfile", "FROM alpine:3.20\n")]);
    for folder in [&clean, &Folder::new(&[])] {
        for format in ["json", "sarif", "rdjson", "gitlab"] {
            let said = report(folder, &["check"], format);
            assert_eq!(said.code, 0, "{}", said.err);
            holds(format, &serde_json::from_str(&said.out).unwrap());
        }
    }
}

#[test]
fn a_schema_that_would_let_all_pass_is_none() {
    let said = report(&hard(), &["check"], "sarif");
    let mut document: Value = serde_json::from_str(&said.out).unwrap();
    document["runs"][0]["results"][0]["level"] = "bad".into();
    let validator = validator(&schema("tests/schemas/sarif-2.1.0.json"));
    assert!(!validator.is_valid(&document));
}

#[test]
fn junit_holds_its_schema() {
    for way in WAYS {
        let said = report(&hard(), way, "junit");
        let document = roxmltree::Document::parse(&said.out).unwrap();
        for suite in document.root_element().children().filter(|it| it.is_element()) {
            let cases: Vec<_> = suite.children().filter(|it| it.has_tag_name("testcase")).collect();
            let count = |name: &str| cases.iter().filter(|it| it.children().any(|it| it.has_tag_name(name))).count();
            let says = |name: &str| suite.attribute(name).unwrap().parse::<usize>().unwrap();
            let counted = [cases.len(), count("failure"), count("error"), count("skipped")];
            assert_eq!(counted, [says("tests"), says("failures"), says("errors"), says("skipped")]);
        }
        let xsd = format!("{}/tests/schemas/junit-10.xsd", env!("CARGO_MANIFEST_DIR"));
        match other(&hard(), "xmllint", &["--noout", "--schema", &xsd, "-"], said.out.as_bytes()) {
            Some(judged) => assert_eq!(judged.code, 0, "{}\n{}", judged.err, said.out),
            None => eprintln!("no xmllint here: it is not asked"),
        }
    }
}

#[test]
fn checkstyle_is_read() {
    for way in WAYS {
        let said = report(&hard(), way, "checkstyle");
        let document = roxmltree::Document::parse(&said.out).unwrap();
        let root = document.root_element();
        assert!(root.has_tag_name("checkstyle") && root.has_attribute("version"));
        let files: Vec<_> = root.children().filter(|it| it.is_element()).collect();
        let names: Vec<_> = files.iter().map(|it| it.attribute("name").unwrap()).collect();
        assert!(names.contains(&"a/Dockerfile") && names.contains(&"b: 100%, <&\"'>/Dockerfile"), "{names:?}");
        #[cfg(unix)]
        assert!(names.contains(&"new\nline\u{fffd}/Dockerfile"), "{names:?}");
        for error in files.iter().flat_map(|it| it.children()).filter(|it| it.is_element()) {
            assert!(error.has_tag_name("error") && error.attribute("source").unwrap().starts_with("dockfix."));
            assert!(["error", "warning", "info"].contains(&error.attribute("severity").unwrap()));
            assert!(error.attribute("line").unwrap().parse::<usize>().unwrap() > 0 && error.has_attribute("message"));
            assert!(error.attribute("column").unwrap().parse::<usize>().unwrap() > 0);
        }
    }
}

#[test]
fn github_gets_a_command_a_line() {
    for way in WAYS {
        let said = report(&hard(), way, "github");
        let mut depth = 0;
        for line in said.out.lines() {
            if let Some(name) = line.strip_prefix("::group::") {
                assert!(!name.is_empty() && depth == 0);
                depth += 1;
            } else if line == "::endgroup::" {
                depth -= 1;
            } else if !line.starts_with("| ") {
                let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
                let (command, properties) = head.split_once(' ').unwrap();
                assert!(["error", "warning", "notice"].contains(&command) && !message.is_empty(), "{line}");
                for property in properties.split(',') {
                    let (key, value) = property.split_once('=').unwrap();
                    assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&key), "{line}");
                    assert!(!value.contains(':'), "{line}");
                }
            }
        }
        assert_eq!(depth, 0);
        assert!(said.out.contains(" file=b%3A 100%25%2C <&\"'>/Dockerfile,line=1,"), "{}", said.out);
        #[cfg(unix)]
        assert!(said.out.contains(" file=new%0Aline\u{1b}/Dockerfile,line=1,"), "{}", said.out);
        assert_eq!(said.out.contains("\n| -"), way.contains(&"--diff"), "{way:?}: {}", said.out);
    }
}

#[test]
fn names_and_texts_break_no_line_for_people() {
    for format in ["concise", "full", "markdown"] {
        let said = report(&hard(), &["check"], format);
        for text in [&said.out, &said.err] {
            assert!(!text.chars().any(|it| it.is_control() && it != '\n' && it != '\t'), "{format}: {text:?}");
        }
        #[cfg(unix)]
        assert!(said.out.contains("new?line?/Dockerfile"), "{}", said.out);
    }
    let said = report(&hard(), &["check"], "concise");
    assert!(said.out.lines().all(|it| it.split(':').count() >= 4), "{}", said.out);
}

#[test]
fn the_order_is_that_of_the_names_whoever_is_ready_first() {
    let folder = hard();
    for format in FORMATS {
        let one = report(&folder, &["check", "-j1"], format).out;
        for _ in 0..3 {
            assert_eq!(report(&folder, &["check", "-j8"], format).out, one, "{format}");
        }
    }
}

/// One finding of every format, and the same in all places where snapshots are made.
#[test]
fn snapshots() {
    let text =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/fix/article/e-two-cmds.Dockerfile"));
    let folder = Folder::new(&[("app/Dockerfile", &text.unwrap().replace("FROM ", "from ")), ("Dockerfile", "RNU\n")]);
    for format in FORMATS.iter().chain(&["full", "concise"]) {
        let check = report(&folder, &["check", "--select=shadowed-command,shell-form-command"], format).out;
        let layout = report(&folder, &["format", "--check"], format).out;
        insta::with_settings!({
            snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
            filters => vec![(r#"file:///[^"]*/"#, "file:///…/"), (env!("CARGO_PKG_VERSION"), "[version]")],
        }, {
            insta::assert_snapshot!(format!("report__{format}"), format!("check\n-----\n{check}\nformat --check\n--------------\n{layout}"));
        });
    }
}
