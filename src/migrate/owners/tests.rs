//! The examples of the documentation of both hosts, and what it says about them.

#![allow(clippy::unwrap_used)]

use super::*;

fn owners(text: &str, host: Host, path: &str) -> String {
    parse(text, host).0.of(path).join(" ")
}

/// After the example in GitHub's documentation.
const GITHUB: &str = "\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
";

#[test]
fn github_reads_its_example_as_it_says() {
    for (path, expected) in [
        ("Dockerfile", "@global-owner1 @global-owner2"),
        ("a/b/Dockerfile", "@global-owner1 @global-owner2"),
        ("a/b.js", "@js-owner"),
        ("main.go", "docs@example.com"),
        ("a.txt", "@octo-org/octocats"),
        ("x/apps/deep/Dockerfile", "@octocat"),
        ("docs/getting-started.md", "@doctocat"),
        ("docs/build-app/troubleshooting.md", "@doctocat"),
        ("scripts/a/b", "@doctocat @octocat"),
        ("build/logs/Dockerfile", "@octocat"),
        ("deeply/nested/logs/Dockerfile", "@octocat"),
        ("apps/x", "@octocat"),
        ("apps/github", ""),
        ("apps/github/Dockerfile", ""),
    ] {
        assert_eq!(owners(GITHUB, Host::GitHub, path), expected, "{path}");
    }
}

#[test]
fn github_knows_where_patterns_begin() {
    for (pattern, path, matches) in [
        ("docs/*", "docs/a", true),
        ("docs/*", "docs/a/b", false),
        ("docs/*", "x/docs/a", false),
        ("docs/*.md", "docs/a.md", true),
        ("docs", "x/docs/a/b", true),
        ("/docs", "x/docs/a", false),
        ("a/b", "a/b/c", true),
        ("a/b", "x/a/b", false),
        ("/docs/**/x", "docs/x", true),
        ("a/**", "a/b/c", true),
        ("my\\ file", "my file", true),
        ("[ab]", "a", false),
        ("[z]/", "[z]/a", false),
        ("\\#h/", "#h/a", false),
        ("a#h/", "a#h/a", true),
        ("a{b}", "a{b}", true),
        ("A", "a", false),
    ] {
        let text = format!("{pattern} @me");
        assert_eq!(owners(&text, Host::GitHub, path), if matches { "@me" } else { "" }, "{pattern} {path}");
    }
}

/// After the example in GitLab's documentation.
const GITLAB: &str = "\
# This is an example.
* @default-codeowner
* @multiple @code @owners
*.rb @ruby-owner
\\#file_with_pound.rb @owner-file-with-pound
CODEOWNERS @multiple @code\t@owners
LICENSE @legal this_does_not_match janedoe@gitlab.com
README @group @group/with-nested/subgroup
/docs/ @all-docs
/docs/* @root-docs
/docs/**/*.md @root-docs
lib/ @lib-owner
/config/ @config-owner
path\\ with\\ spaces/ @space-owner

# Code Owners section:
[Documentation]
ee/docs    @docs
docs       @docs

# Use of default owners for a section:
[Development] @dev-team
*
README.md @docs-team
data-models/ @data-science-team
";

#[test]
fn gitlab_reads_its_example_as_it_says() {
    for (path, expected) in [
        ("a/b", "@multiple @code @owners @dev-team"),
        ("x/a.rb", "@ruby-owner @dev-team"),
        ("#file_with_pound.rb", "@owner-file-with-pound @dev-team"),
        ("LICENSE", "@legal janedoe@gitlab.com @dev-team"),
        ("README", "@group @group/with-nested/subgroup @dev-team"),
        ("docs/index.txt", "@root-docs @dev-team"),
        ("docs/projects/index.txt", "@all-docs @dev-team"),
        ("docs/projects/index.md", "@root-docs @dev-team"),
        ("x/lib/y/Dockerfile", "@lib-owner @dev-team"),
        ("config/x", "@config-owner @dev-team"),
        ("x/config/x", "@multiple @code @owners @dev-team"),
        ("path with spaces/x", "@space-owner @dev-team"),
        ("ee/docs", "@multiple @code @owners @docs @dev-team"),
        ("x/README.md", "@multiple @code @owners @docs-team"),
        ("x/data-models/Dockerfile", "@multiple @code @owners @data-science-team"),
    ] {
        assert_eq!(owners(GITLAB, Host::GitLab, path), expected, "{path}");
    }
}

#[test]
fn gitlab_lets_patterns_begin_anywhere() {
    for (pattern, path, matches) in [
        ("docs/*", "x/docs/a", true),
        ("docs/*", "docs/a/b", false),
        ("docs", "docs/a", false),
        ("/docs", "x/docs", false),
        ("[ab].txt", "b.txt", true),
        ("a{b,c}", "ab", false),
    ] {
        let text = format!("{pattern} @me");
        assert_eq!(owners(&text, Host::GitLab, path), if matches { "@me" } else { "" }, "{pattern} {path}");
    }
}

#[test]
fn sections_of_one_name_are_one_and_exclusions_stay() {
    let text = "[A] @one\n*\n[B][2] @two\n/x/\n^[Optional] @three\n*.md\n[a]\n/y/ @four\n!/y/z\n/y/z/ @five\n";
    assert_eq!(owners(text, Host::GitLab, "x/f"), "@one @two");
    assert_eq!(owners(text, Host::GitLab, "y/f"), "@four");
    assert_eq!(owners(text, Host::GitLab, "y/z"), "");
    assert_eq!(owners(text, Host::GitLab, "q.md"), "@one @three");
}

#[test]
fn headings_are_told_from_patterns() {
    assert_eq!(heading("[Name]"), Some(("Name", "")));
    assert_eq!(heading("^[Two Words] @a"), Some(("Two Words", " @a")));
    assert_eq!(heading("[Name][2] @a"), Some(("Name", " @a")));
    for none in ["[ab].txt @a", "[]", "[Name][x]", "Name", "[Name"] {
        assert_eq!(heading(none), None, "{none}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let (owners, wrong) = parse("a me @you\n!b @c\nc @d\n\\#a @e\n[c] @f\n", Host::GitHub);
    let expected = [
        (1, "`me` is no owner"),
        (2, "a pattern can't be negated"),
        (4, "a pattern can't begin with an escaped `#`"),
        (5, "a pattern can't have a range of characters"),
    ];
    assert_eq!(wrong, expected.map(|(line, why)| (line, why.to_owned())));
    assert_eq!((owners.of("a"), owners.of("c")), (vec!["@you".to_owned()], vec!["@d".to_owned()]));
}

#[test]
fn the_first_place_counts_and_says_who_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let of = |path: &str| Owners::read(folder.path()).unwrap().0.of(path).join(" ");
    assert!(!Owners::read(folder.path()).unwrap().0.is_known());
    write(".gitlab/CODEOWNERS", "a/b @gitlab");
    assert_eq!(of("x/a/b"), "@gitlab");
    write("docs/CODEOWNERS", "a/b @docs");
    assert_eq!((of("x/a/b"), of("a/b")), (String::new(), "@docs".to_owned()));
    write("CODEOWNERS", "[Section] @root\na/b");
    assert_eq!(of("x/a/b"), "@root");
    write(".github/CODEOWNERS", "a/b @github");
    assert_eq!((of("x/a/b"), of("a/b")), (String::new(), "@github".to_owned()));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_pattern() {
    for host in [Host::GitHub, Host::GitLab] {
        assert_eq!(owners("\u{FEFF}* @all\r\n", host, "a/Dockerfile"), "@all");
    }
}

#[test]
fn a_folder_of_that_name_is_no_list_of_owners() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("docs/CODEOWNERS")).unwrap();
    assert!(!Owners::read(folder.path()).unwrap().0.is_known());
    fs::create_dir_all(folder.path().join(".gitlab")).unwrap();
    fs::write(folder.path().join(".gitlab/CODEOWNERS"), "* @a\n").unwrap();
    assert_eq!(Owners::read(folder.path()).unwrap().0.of("x"), ["@a"]);
}
