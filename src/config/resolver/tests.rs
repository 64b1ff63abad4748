#![allow(clippy::unwrap_used)]

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::{
    config::{DEFAULT, selector::tests::RULES},
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
    assert_eq!(strict.settings_for(Path::new("Dockerfile")).unwrap().rules, RULES);
    assert!(strict.is_excluded(Path::new("ci/old/Dockerfile")).unwrap());
    let wrong = |path| resolver(&folder, config(path)).unwrap_err().to_string();
    assert_eq!(wrong("none.toml"), "none.toml: there is no such file");
    assert_eq!(wrong("bad.toml"), "bad.toml:2:11: unknown rule `a`\nhelp: `dockfix rule --all` lists the rules");
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
}
