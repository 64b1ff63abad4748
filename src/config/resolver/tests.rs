#![allow(clippy::unwrap_used)]

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::{
    config::{
        DEFAULT,
        selector::tests::{MERGE, RULES},
    },
    format::{EndOfLine, Indent, Operators, Options},
};

/// A folder with files; those above it are left out of the tests by a root of its own.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [(".editorconfig", "root = true\n")].iter().chain(files) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn resolver(folder: &TempDir, overrides: Overrides) -> Result<Resolver, ConfigError> {
    Resolver::within(folder.path().to_owned(), RULES, overrides)
}

fn settings(folder: &TempDir, overrides: Overrides, path: &str) -> Arc<Settings> {
    let resolver = resolver(folder, overrides).unwrap();
    resolver.settings_for(Path::new(path)).unwrap()
}

fn names(settings: &Settings) -> Vec<&str> {
    settings.rules.iter().map(|rule| rule.name).collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&it| it.to_owned()).collect()
}

fn options(options: &[(&str, &str)]) -> Overrides {
    let pairs = options.iter().map(|&(key, value)| (key.to_owned(), value.to_owned()));
    Overrides { options: pairs.collect(), ..Overrides::default() }
}

#[test]
fn threads_may_share_it() {
    fn shared<T: Send + Sync>() {}
    shared::<Resolver>();
}

#[test]
fn the_default_file_says_what_holds_without_it() {
    let folder = folder(&[("a/dockfix.toml", DEFAULT)]);
    let resolver = resolver(&folder, Overrides::default()).unwrap();
    let with = resolver.settings_for(Path::new("a/Dockerfile")).unwrap();
    let without = resolver.settings_for(Path::new("Dockerfile")).unwrap();
    assert_eq!(without.source, None);
    assert_eq!(with.source, Some(folder.path().join("a/dockfix.toml")));
    assert_eq!(without.format, Options::default());
    assert_eq!(with.format, without.format);
    assert_eq!(with.rules, without.rules);
    assert_eq!(names(&with), ["shell-form-command", "apt-lists-kept", "apk-cache-kept"]);
    assert_eq!((with.unsafe_fixes, with.max_effect), (false, Effect::Image));
    assert_eq!((without.unsafe_fixes, without.max_effect), (false, Effect::Image));
}

#[test]
fn the_closest_file_speaks_alone() {
    let folder = folder(&[
        ("dockfix.toml", "select = [\"sudo\"]\nunsafe-fixes = true\n"),
        ("a/.dockfix.toml", "ignore = [\"packages\"]\n"),
    ]);
    let resolver = resolver(&folder, Overrides::default()).unwrap();
    let outer = resolver.settings_for(Path::new("b/../b/Dockerfile")).unwrap();
    assert_eq!((names(&outer), outer.unsafe_fixes), (vec!["sudo"], true));
    let inner = resolver.settings_for(&folder.path().join("a/b/Dockerfile")).unwrap();
    assert_eq!((names(&inner), inner.unsafe_fixes), (vec!["shell-form-command"], false));
    let same = resolver.settings_for(Path::new("a/Dockerfile")).unwrap();
    assert!(Arc::ptr_eq(&inner, &same));
}

#[test]
fn a_broken_file_above_is_not_read() {
    let folder = folder(&[("dockfix.toml", "broken"), ("a/dockfix.toml", "")]);
    let resolver = resolver(&folder, Overrides::default()).unwrap();
    assert!(resolver.settings_for(Path::new("a/Dockerfile")).is_ok());
    let error = resolver.settings_for(Path::new("Dockerfile")).unwrap_err();
    assert!(error.to_string().starts_with("dockfix.toml:1:"), "{error}");
}

#[test]
fn overrides_are_for_some_files() {
    let text = r#"
        ignore = ["sudo"]
        [format]
        line-width = 100
        [[overrides]]
        files = ["legacy/**"]
        extend-select = ["sudo"]
        max-effect = "none"
        format.indent = 2
        [[overrides]]
        files = ["Dockerfile.tab"]
        format.indent = "tab"
    "#;
    let folder = folder(&[("dockfix.toml", text)]);
    let resolver = resolver(&folder, Overrides::default()).unwrap();
    let of = |path: &str| resolver.settings_for(Path::new(path)).unwrap();
    assert_eq!(of("Dockerfile").format.indent, Indent::Spaces(4));
    let legacy = of("legacy/a/Dockerfile");
    assert_eq!(legacy.format.indent, Indent::Spaces(2));
    assert_eq!((legacy.format.line_width, legacy.max_effect), (100, Effect::None));
    assert!(names(&legacy).contains(&"sudo"));
    assert_eq!(of("legacy/a/Dockerfile.tab").format.indent, Indent::Tab);
}

#[test]
fn editorconfig_says_what_the_file_does_not() {
    let editor = "root = true\n[*]\nindent_size = 2\nend_of_line = lf\n[a/*]\nmax_line_length = 80\n";
    let folder = folder(&[(".editorconfig", editor), ("dockfix.toml", "[format]\nend-of-line = \"auto\"\n")]);
    let format = settings(&folder, Overrides::default(), "a/not-there").format;
    assert_eq!(format.indent, Indent::Spaces(2));
    assert_eq!((format.line_width, format.end_of_line), (80, EndOfLine::Auto));
    let arguments = options(&[("format.indent", "8")]);
    assert_eq!(settings(&folder, arguments, "a/x").format.indent, Indent::Spaces(8));
    let isolated = Overrides { isolated: true, ..Overrides::default() };
    assert_eq!(settings(&folder, isolated, "a/x").format, Options::default());
}

#[test]
fn a_broken_editorconfig_is_an_error() {
    let folder = folder(&[(".editorconfig", "[*]\nbanana\n")]);
    let resolver = resolver(&folder, Overrides::default()).unwrap();
    let error = resolver.settings_for(Path::new("Dockerfile")).unwrap_err();
    assert!(error.to_string().starts_with(".editorconfig:2:1: expected"), "{error}");
}

#[test]
fn the_command_line_goes_first() {
    let folder = folder(&[("dockfix.toml", "ignore = [\"sudo\"]\nmax-effect = \"none\"\n")]);
    let arguments = Overrides {
        select: Some(words(&["all"])),
        ignore: words(&["DL3009"]),
        unsafe_fixes: true,
        max_effect: Some(Effect::Rebuild),
        options: vec![("format.operators".to_owned(), "trailing".to_owned())],
        ..Overrides::default()
    };
    let settings = settings(&folder, arguments, "Dockerfile");
    assert_eq!(names(&settings), ["shell-form-command", "sudo"]);
    assert_eq!((settings.unsafe_fixes, settings.max_effect), (true, Effect::Rebuild));
    assert_eq!(settings.format.operators, Operators::Trailing);
}

#[test]
fn extend_select_adds_to_what_the_file_selects() {
    let folder = folder(&[("dockfix.toml", "select = [\"sudo\"]\n")]);
    let arguments = Overrides { extend_select: words(&["dl3025"]), ..Overrides::default() };
    assert_eq!(names(&settings(&folder, arguments, "x")), ["shell-form-command", "sudo"]);
}

#[test]
fn wrong_arguments_come_out_before_files_are_read() {
    let folder = folder(&[("dockfix.toml", "broken")]);
    let wrong = |overrides| resolver(&folder, overrides).unwrap_err().to_string();
    let select = Overrides {
        select: Some(words(&["shell-from-command"])),
        config: Some(PathBuf::from("dockfix.toml")),
        ..Overrides::default()
    };
    assert_eq!(wrong(select), "--select: unknown rule `shell-from-command`\nhelp: did you mean `shell-form-command`?");
    for (key, value, expected) in [
        ("format.indnt", "2", "unknown option `indnt`\nhelp: did you mean `indent`?"),
        ("format.indent", "tabs", "an indent is 1 to 16, or \"tab\""),
        ("ignore", "[\"sudoo\"]", "unknown rule `sudoo`\nhelp: did you mean `sudo`?"),
        ("rules.merge.lines", "10", "`lines` is a whole number from 1 to 9"),
        (
            "preset",
            "lax",
            "unknown preset `lax`\nhelp: there are `recommended`, `official-images`, `strict`, `layout-only`, `hadolint`",
        ),
        ("overrides", "[{files = []}]", "`overrides` can only stand in a file"),
    ] {
        assert_eq!(wrong(options(&[(key, value)])), format!("--option {key}={value}: {expected}"));
    }
}

#[test]
fn config_names_the_file() {
    let folder = folder(&[
        ("dockfix.toml", "broken"),
        ("ci/strict.toml", "select = [\"all\"]\nexclude = [\"old\"]\n"),
        ("bad.toml", "# ä\nselect = [\"a\", \"sudo\", \"shell\"]\n"),
    ]);
    let config = |path: &str| Overrides { config: Some(PathBuf::from(path)), ..Overrides::default() };
    let strict = resolver(&folder, config("ci/strict.toml")).unwrap();
    assert_eq!(strict.settings_for(Path::new("Dockerfile")).unwrap().rules, RULES[..4]);
    assert!(strict.is_excluded(Path::new("ci/old/Dockerfile")).unwrap());
    let wrong = |path| resolver(&folder, config(path)).unwrap_err().to_string();
    assert_eq!(wrong("none.toml"), "none.toml: there is no such file");
    assert_eq!(wrong("bad.toml"), "bad.toml:2:11: unknown rule `a`\nhelp: `dockfix rule` lists the rules");
    let both = Overrides { isolated: true, ..config("ci/strict.toml") };
    assert!(resolver(&folder, both).is_err());
}

#[test]
fn excluded_files_and_folders() {
    let folder = folder(&[("dockfix.toml", "exclude = [\"vendor/**\", \"*.tmpl\"]\ninclude = [\"*.df\"]\n")]);
    let resolver = resolver(&folder, Overrides::default()).unwrap();
    let excluded = |path: &str| resolver.is_excluded(Path::new(path)).unwrap();
    assert!(excluded("vendor") && excluded("vendor/a/Dockerfile") && excluded("a/Dockerfile.tmpl"));
    assert!(!excluded("Dockerfile") && !excluded("a/vendor/Dockerfile"));
    let settings = resolver.settings_for(Path::new("a/x.df")).unwrap();
    assert!(settings.include.is_match(&folder.path().join("a/x.df")));
}

#[test]
fn a_bad_glob_is_an_error_with_its_place() {
    let folder = folder(&[("dockfix.toml", "exclude = [\"a\", \"[b\"]\n")]);
    let resolver = resolver(&folder, Overrides::default()).unwrap();
    let error = resolver.is_excluded(Path::new("x")).unwrap_err().to_string();
    assert!(error.starts_with("dockfix.toml:1:17: bad glob `[b`: "), "{error}");
}

#[test]
fn keeping_the_cache_holds_layout_and_rules() {
    let folder = folder(&[
        ("dockfix.toml", "max-effect = \"rebuild\"\n[[overrides]]\nfiles = [\"a/**\"]\nkeep-cache = true\n"),
        ("b/dockfix.toml", "keep-cache = true\n[[overrides]]\nfiles = [\"c/**\"]\nkeep-cache = false\n"),
    ]);
    let said = |path: &str, overrides: Overrides| {
        let settings = settings(&folder, overrides, path);
        (settings.format.keep_cache, settings.max_effect)
    };
    assert_eq!(said("Dockerfile", Overrides::default()), (false, Effect::Rebuild));
    assert_eq!(said("a/Dockerfile", Overrides::default()), (true, Effect::None));
    assert_eq!(said("b/Dockerfile", Overrides::default()), (true, Effect::None));
    assert_eq!(said("b/c/Dockerfile", Overrides::default()), (false, Effect::Image));
    let flag = Overrides { keep_cache: true, ..Overrides::default() };
    assert_eq!(said("b/c/Dockerfile", flag), (true, Effect::None));
    // Said by the other name.
    let most = |effect| Overrides { max_effect: Some(effect), ..Overrides::default() };
    assert_eq!(said("b/c/Dockerfile", most(Effect::None)), (true, Effect::None));
    assert_eq!(said("b/c/Dockerfile", most(Effect::Rebuild)), (false, Effect::Rebuild));
}

#[test]
fn rules_are_told_things_layer_by_layer() {
    let text = r#"
        rules.merge.merge = "all"
        rules.DL3059.lines = 2
    "#;
    // Two tables of one rule in one source are a mistake; those of different sources add up.
    let wrong = folder(&[("dockfix.toml", text)]);
    let wrong = resolver(&wrong, Overrides::default()).unwrap().settings_for(Path::new("x")).unwrap_err();
    assert_eq!(wrong.help(), Some("keep one table, `[rules.merge]`"));
    let text = r#"
        [rules.merge]
        merge = "all"
        lines = 2
        [[overrides]]
        files = ["legacy/**"]
        rules.merge.lines = 3
    "#;
    let folder = folder(&[("dockfix.toml", text)]);
    let told = |overrides: Overrides, path: &str| {
        let settings = settings(&folder, overrides, path);
        (settings.rule_settings.word(&MERGE, "merge"), settings.rule_settings.number(&MERGE, "lines"))
    };
    assert_eq!(told(Overrides::default(), "Dockerfile"), ("all", 2));
    assert_eq!(told(Overrides::default(), "legacy/Dockerfile"), ("all", 3));
    let arguments = options(&[("rules.DL3059.merge", "package-manager"), ("rules.merge.lines", "9")]);
    assert_eq!(told(arguments, "legacy/Dockerfile"), ("package-manager", 9));
}

#[test]
fn presets_lie_below_all_else() {
    let folder = folder(&[
        ("dockfix.toml", "preset = \"strict\"\nignore = [\"apk-cache-kept\"]\n"),
        ("a/dockfix.toml", "preset = \"layout-only\"\nextend-select = [\"DL3025\"]\n[format]\nindent = 2\n"),
        ("b/.editorconfig", "[*]\nindent_size = 8\n"),
        ("b/dockfix.toml", "preset = \"official-images\"\n"),
    ]);
    let of = |overrides, path| {
        let settings = settings(&folder, overrides, path);
        let names = names(&settings).into_iter().map(str::to_owned).collect::<Vec<_>>();
        (settings.preset, names.join(" "), settings.format.indent)
    };
    let preset = |name: &str| Overrides { preset: Some(name.to_owned()), ..Overrides::default() };
    let four = Indent::Spaces(4);
    assert_eq!(of(Overrides::default(), "x"), ("strict", "shell-form-command apt-lists-kept".to_owned(), four));
    assert_eq!(of(Overrides::default(), "a/x"), ("layout-only", "shell-form-command".to_owned(), Indent::Spaces(2)));
    assert_eq!(of(preset("layout-only"), "x"), ("layout-only", String::new(), four));
    assert_eq!(of(options(&[("preset", "layout-only")]), "x"), ("layout-only", String::new(), four));
    let unknown = resolver(&folder, preset("stict")).unwrap_err().to_string();
    assert_eq!(unknown, "--preset: unknown preset `stict`\nhelp: did you mean `strict`?");
    // A preset that names rules needs them all. The command line names the preset, and the file still says what is to
    // be other than in it.
    let indent = |overrides, path| {
        let resolver = Resolver::within(folder.path().to_owned(), crate::rules::ALL, overrides).unwrap();
        resolver.settings_for(Path::new(path)).unwrap().format.indent
    };
    assert_eq!(indent(Overrides { isolated: true, ..preset("official-images") }, "x"), Indent::Tab);
    assert_eq!(
        indent(Overrides { config: Some(folder.path().join("a/dockfix.toml")), ..preset("official-images") }, "x"),
        Indent::Spaces(2)
    );
    assert_eq!(
        indent(Overrides { config: Some(folder.path().join("b/dockfix.toml")), ..Overrides::default() }, "x"),
        Indent::Tab
    );
    assert_eq!(
        indent(Overrides { config: Some(folder.path().join("b/dockfix.toml")), ..Overrides::default() }, "b/x"),
        Indent::Spaces(8)
    );
}

#[test]
fn rules_that_undo_each_other_are_an_error() {
    let what = "the rules `merge` and `split` are selected together, and each undoes what the other does";
    let folder = folder(&[(
        "dockfix.toml",
        "extend-select = [\"DL3059\"]\n[[overrides]]\nfiles = [\"a/**\"]\nextend-select = [\"split\"]\n",
    )]);
    let here = resolver(&folder, Overrides::default()).unwrap();
    assert!(here.settings_for(Path::new("Dockerfile")).is_ok());
    let error = here.settings_for(Path::new("a/Dockerfile")).unwrap_err().to_string();
    assert_eq!(error, format!("dockfix.toml: {what}\nhelp: leave one of them out, as with `ignore = [\"merge\"]`"));
    // What the command line alone selects is held against itself before any file is read.
    let both = Overrides { extend_select: words(&["merge", "split"]), ..Overrides::default() };
    let error = resolver(&folder, both).unwrap_err().to_string();
    assert_eq!(error, format!("command line: {what}\nhelp: leave one of them out, as with `--ignore merge`"));
    let one =
        Overrides { extend_select: words(&["merge", "split"]), ignore: words(&["DL3059"]), ..Overrides::default() };
    assert!(names(&settings(&folder, one, "x")).ends_with(&["split"]));
    let all = Overrides { select: Some(words(&["all"])), ..Overrides::default() };
    assert!(!names(&settings(&folder, all, "x")).contains(&"merge"));
}

#[test]
fn hadolint_speaks_where_dockfix_does_not() {
    let folder = folder(&[
        (".hadolint.yaml", "ignored: [DL3009]\n"),
        ("a/.hadolint.yml", "ignored:\n  - DL3025\n"),
        ("b/dockfix.toml", "ignore = [\"DL3019\"]\n"),
        ("b/c/.hadolint.yaml", "ignored: [DL3025]\n"),
    ]);
    let of = |overrides, path| names(&settings(&folder, overrides, path)).join(" ");
    assert_eq!(of(Overrides::default(), "Dockerfile"), "shell-form-command");
    assert_eq!(of(Overrides::default(), "a/x/Dockerfile"), "apt-lists-kept apk-cache-kept");
    // The closest file of dockfix's own goes before any of the other's, however close.
    assert_eq!(of(Overrides::default(), "b/c/Dockerfile"), "shell-form-command apt-lists-kept");
    let select = Overrides { extend_select: words(&["apt-lists-kept"]), ..Overrides::default() };
    assert_eq!(of(select, "Dockerfile"), "shell-form-command apt-lists-kept");
    let isolated = Overrides { isolated: true, ..Overrides::default() };
    assert_eq!(of(isolated, "Dockerfile"), "shell-form-command apt-lists-kept apk-cache-kept");
    let notice = settings(&folder, Overrides::default(), "a/Dockerfile").notice.clone();
    assert!(notice.unwrap().starts_with("a/.hadolint.yml: "));
    assert_eq!(settings(&folder, Overrides::default(), "b/c/Dockerfile").notice, None);
}

#[test]
fn settings_are_shown_as_a_file_that_says_the_same() {
    let text = r#"
        extend-select = ["merge"]
        exclude = ["a\"b", "c/**"]
        force-exclude = true
        unsafe-fixes = true
        keep-cache = true
        format.indent = "tab"
        format.operators = "trailing"
        rules.merge.lines = 7
        rules.DL3025.safety = "suggest"
    "#;
    let folder = folder(&[("dockfix.toml", text)]);
    let shown = settings(&folder, Overrides::default(), "Dockerfile").to_string();
    let expected = "preset = \"recommended\"\nselect = [\n    \"shell-form-command\",\n    \"apt-lists-kept\",\n    \
                    \"apk-cache-kept\",\n    \"merge\",\n]\nunsafe-fixes = true\nmax-effect = \"none\"\n\
                    keep-cache = true\nexclude = [\n    'a\"b',\n    \"c/**\",\n]\nforce-exclude = true\ninclude = []\n\n[format]\n\
                    indent = \"tab\"\nline-width = 120\noperators = \"trailing\"\nstage-gap = true\n\
                    end-of-line = \"auto\"\n\n[rules.shell-form-command]\nsafety = \"suggest\"\n\n\
                    [rules.merge]\nmerge = \"package-manager\"\nlines = 7\n";
    let (head, body) = shown.split_once('\n').unwrap();
    assert_eq!((head.starts_with("# From /"), body), (true, expected));
    fs::write(folder.path().join("dockfix.toml"), &shown).unwrap();
    assert_eq!(settings(&folder, Overrides::default(), "Dockerfile").to_string(), shown);
}
