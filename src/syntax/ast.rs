//! Typed views of the tree's nodes. Each accessor gives an `Option` or an iterator: a tree of a broken file lacks
//! what the file lacks.

use text_size::TextRange;

use super::{
    SyntaxElement,
    SyntaxKind::{self, *},
    SyntaxNode, SyntaxToken,
    green::{Child, Green, visit_tokens},
    json,
};

/// The text of a node as BuildKit joins it: without continuations, comments and empty lines.
pub fn joined_text(node: &SyntaxNode) -> String {
    Green::of(node).joined_text()
}

/// The text of a node as it stands in the file. `to_string` makes the same, and a node of each node on its way.
pub fn full_text(node: &SyntaxNode) -> String {
    let mut out = String::with_capacity(node.text_range().len().into());
    visit_tokens(node, |_, _, text| {
        out.push_str(text);
        true
    });
    out
}

/// The tokens of a node, in order.
pub fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.descendants_with_tokens().filter_map(|it| it.into_token())
}

/// The tokens of a node that lie in a range, in order. What stands outside is not walked over.
pub fn tokens_within(node: &SyntaxNode, range: TextRange) -> impl Iterator<Item = SyntaxToken> + use<> {
    let inside = node.text_range().intersect(range).filter(|it| !it.is_empty());
    // `token_at_offset` would look at all children.
    let first = inside.and_then(|it| {
        let byte = TextRange::at(it.start(), 1.into());
        let mut element = node.child_or_token_at_range(byte)?;
        while let Some(node) = element.as_node() {
            element = node.child_or_token_at_range(byte)?;
        }
        element.into_token()
    });
    std::iter::successors(first, SyntaxToken::next_token)
        .skip_while(move |it| it.text_range().start() < range.start())
        .take_while(move |it| inside.is_some_and(|inside| it.text_range().end() <= inside.end()))
}

/// Whether a comment line of a node lies in a range.
pub fn has_comment(node: &SyntaxNode, range: TextRange) -> bool {
    tokens_within(node, range).any(|it| it.kind() == COMMENT_LINE && range.contains_range(it.text_range()))
}

/// What stands above a node among the children of its parent, from below to above.
pub fn elements_above(node: &SyntaxNode) -> impl Iterator<Item = SyntaxElement> + use<> {
    std::iter::successors(node.prev_sibling_or_token(), |it| it.prev_sibling_or_token())
}

/// The range of a node from its first significant token to its last.
pub fn trimmed_range(node: &SyntaxNode) -> TextRange {
    let range = node.text_range();
    let (leading, trailing) = Green::read(node, |it| (it.leading_trivia(), it.trailing_trivia()));
    if leading == range.len() { range } else { TextRange::new(range.start() + leading, range.end() - trailing) }
}

/// The children of a node, or none where none of them is of the kinds that are wanted. Most accessors find nothing, and
/// this says so without making a node.
fn children(node: &SyntaxNode, wanted: fn(SyntaxKind) -> bool) -> impl Iterator<Item = SyntaxNode> + use<> {
    let held = Green::read(node, |it| it.children().any(|it| wanted(it.kind())));
    held.then(|| node.children()).into_iter().flatten()
}

macro_rules! nodes {
    ($($(#[$attr:meta])* $name:ident($($kind:ident)|+) { $($(#[$field_attr:meta])* $field:ident: $form:tt $target:tt,)* })*) => {$(
        $(#[$attr])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(SyntaxNode, SyntaxKind);

        impl $name {
            /// The node as this type, if it is one.
            pub fn cast(node: SyntaxNode) -> Option<Self> {
                let kind = node.kind();
                Self::can_cast(kind).then_some($name(node, kind))
            }

            /// Which kind of node it is, without a look at the tree, which in a long file is in no cache.
            pub fn kind(&self) -> SyntaxKind {
                self.1
            }

            /// Whether nodes of a kind are of this type.
            fn can_cast(kind: SyntaxKind) -> bool {
                matches!(kind, $($kind)|+)
            }

            /// The node itself.
            pub fn syntax(&self) -> &SyntaxNode {
                &self.0
            }

            /// The text as BuildKit joins it.
            pub fn text(&self) -> String {
                joined_text(&self.0)
            }

            $(nodes!(@field $(#[$field_attr])* $field $form $target);)*
        }
    )*};
    (@field $(#[$attr:meta])* $field:ident one $target:ident) => {
        $(#[$attr])*
        pub fn $field(&self) -> Option<$target> {
            children(&self.0, $target::can_cast).find_map($target::cast)
        }
    };
    (@field $(#[$attr:meta])* $field:ident many $target:ident) => {
        $(#[$attr])*
        pub fn $field(&self) -> impl Iterator<Item = $target> + use<> {
            children(&self.0, $target::can_cast).filter_map($target::cast)
        }
    };
    (@field $(#[$attr:meta])* $field:ident token $target:ident) => {
        $(#[$attr])*
        pub fn $field(&self) -> Option<SyntaxToken> {
            let held = Green::read(&self.0, |it| it.children().any(|it| it.kind() == $target));
            let mut tokens = self.0.children_with_tokens().filter_map(|it| it.into_token());
            if held { tokens.find(|it| it.kind() == $target) } else { None }
        }
    };
    (@field $(#[$attr:meta])* $field:ident joined $target:ident) => {
        $(#[$attr])*
        pub fn $field(&self) -> String {
            Green::read(&self.0, |it| it.children().filter_map(|it| it.text_of($target)).collect())
        }
    };
}

nodes! {
    /// The whole file.
    File(FILE) {
        /// The instructions, in order.
        instructions: many Instruction,
        /// The directives that BuildKit reads, in order.
        directives: many Directive,
    }
    /// `# name=value` at the top of the file.
    Directive(DIRECTIVE) {}
    /// Any instruction.
    Instruction(FROM | ARG | ENV | LABEL | RUN | CMD | ENTRYPOINT | HEALTHCHECK | SHELL | COPY | ADD | WORKDIR | USER | EXPOSE
        | VOLUME | STOPSIGNAL | MAINTAINER | ONBUILD | UNKNOWN) {
        /// The keyword's first piece; it has more where a line break runs through it.
        keyword: token KEYWORD,
        /// The flags.
        flags: many Flag,
        /// The JSON array of an exec form.
        json: one JsonArray,
        /// The shell text of a shell form, where it could be parsed.
        script: one Script,
        /// The text of a shell form for a shell that is not POSIX.
        foreign_script: one ForeignScript,
        /// The words of a list.
        words: many Word,
        /// The pairs of ENV, LABEL and ARG.
        pairs: many KeyValue,
        /// The heredocs.
        heredocs: many HeredocNode,
        /// The instruction inside ONBUILD.
        nested: one Instruction,
        /// What the grammar could not read.
        error: one ErrorNode,
        /// The text of an instruction that takes its text as it is.
        plain_text: joined TEXT,
    }
    /// `--name=value`.
    Flag(FLAG) {}
    /// `["a", "b"]`.
    JsonArray(JSON_ARRAY) {}
    /// A pair of ENV, LABEL or ARG.
    KeyValue(KEY_VALUE) {
        /// The name, quotes included.
        key: joined KEY,
        /// The value, quotes included; empty where there is none.
        value: joined VALUE,
    }
    /// A word of a list or of a command.
    Word(WORD) {}
    /// A heredoc's body and end.
    HeredocNode(HEREDOC) {
        /// The lines before the end.
        body: joined HEREDOC_BODY,
        /// The line that ends it.
        end: token HEREDOC_END,
    }
    /// What could not be read.
    ErrorNode(ERROR) {}
    /// Shell text.
    Script(SCRIPT) {
        /// Its commands; none where the text is only a comment.
        list: one List,
    }
    /// Text for a shell that is not POSIX.
    ForeignScript(FOREIGN_SCRIPT) {}
    /// Commands separated by `;` and `&`.
    List(LIST) {
        /// The commands.
        items: many AndOr,
    }
    /// Pipelines joined by `&&` and `||`.
    AndOr(AND_OR) {
        /// The pipelines.
        pipelines: many Pipeline,
    }
    /// Commands joined by `|`.
    Pipeline(PIPELINE) {
        /// The commands.
        commands: many Command,
    }
    /// Any command.
    Command(SIMPLE_COMMAND | SUBSHELL | BRACE_GROUP | IF_CLAUSE | FOR_CLAUSE | WHILE_CLAUSE | CASE_CLAUSE | FUNCTION_DEF | COND_COMMAND | ARITH_CLAUSE) {
        /// The words of a simple command.
        words: many Word,
        /// The assignments before the words.
        assignments: many Assignment,
        /// The redirections.
        redirects: many Redirect,
    }
    /// `name=value` before or instead of a command.
    Assignment(ASSIGNMENT) {
        /// The name with `=` or `+=`.
        name: joined ASSIGN_NAME,
        /// The value, if it is a word.
        value: one Word,
    }
    /// `> file`.
    Redirect(REDIRECT) {
        /// The operator with the number before it.
        operator: joined REDIRECT_OP,
        /// What stands behind it.
        target: one Word,
    }
}

impl File {
    pub(crate) fn new(root: SyntaxNode) -> File {
        File(root, FILE)
    }
}

impl Instruction {
    /// What stands behind the keyword and the flags, joined and trimmed, as BuildKit hands it on.
    pub fn arguments(&self) -> String {
        let mut out = String::with_capacity(self.0.text_range().len().into());
        // HEALTHCHECK has a second keyword, and FROM one among its words; the first one ends at the first blank.
        Green::read(&self.0, |it| {
            let mut elements = it.children().filter(|it| !it.kind().is_dropped()).peekable();
            while elements.next_if(|it| it.kind() == WHITESPACE).is_some() {}
            while elements.next_if(|it| it.kind() == KEYWORD).is_some() {}
            for element in elements {
                match element {
                    Child::Node(node) if matches!(node.kind(), FLAG | HEREDOC) => {}
                    Child::Token(WHITESPACE, _) if out.is_empty() => {}
                    Child::Node(node) => node.push_joined(&mut out),
                    Child::Token(_, text) => out.push_str(text),
                }
            }
        });
        out.truncate(out.trim_end().len());
        out
    }

    /// The range from the keyword to the last significant token, heredocs left out.
    pub fn range(&self) -> TextRange {
        if self.heredocs().next().is_none() {
            return trimmed_range(&self.0);
        }
        let mut range: Option<TextRange> = None;
        visit_tokens(&self.0, |kind, at, _| {
            let within = !matches!(kind, HEREDOC_BODY | HEREDOC_END);
            if within && !kind.is_trivia() {
                range = Some(range.map_or(at, |it| it.cover(at)));
            }
            within
        });
        range.unwrap_or(self.0.text_range())
    }

    /// The range of the keyword, all its pieces.
    pub fn keyword_range(&self) -> TextRange {
        let mut at = self.0.text_range().start();
        let mut range: Option<TextRange> = None;
        Green::read(&self.0, |it| {
            for child in it.children() {
                let here = TextRange::at(at, child.len());
                at = here.end();
                match child {
                    Child::Token(KEYWORD, _) => range = Some(range.map_or(here, |it| it.cover(here))),
                    Child::Token(kind, _) if range.is_some() && !kind.is_dropped() => break,
                    _ => {}
                }
            }
        });
        range.unwrap_or_else(|| self.range())
    }
}

impl KeyValue {
    /// Whether `=` stands behind the name; it is missing in the legacy form and in an ARG without a value.
    pub fn has_eq(&self) -> bool {
        Green::read(&self.0, |it| it.children().any(|it| it.kind() == EQ))
    }
}

impl JsonArray {
    /// The strings, decoded.
    pub fn strings(&self) -> Vec<String> {
        self.items().iter().map(|it| json::decode(&it.1)).collect()
    }

    /// The strings as they are written, quotes included, each with its range. One that runs over a line break lacks the
    /// break, which its range has.
    pub fn items(&self) -> Vec<(TextRange, String)> {
        let mut items: Vec<(TextRange, String)> = Vec::new();
        // A string that runs over a line break is in several tokens; between two strings stands a comma.
        let mut open = false;
        for token in tokens(&self.0) {
            match (token.kind(), items.last_mut()) {
                (JSON_STRING, Some(last)) if open => {
                    last.0 = last.0.cover(token.text_range());
                    last.1.push_str(token.text());
                }
                (JSON_STRING, _) => {
                    items.push((token.text_range(), token.text().to_owned()));
                    open = true;
                }
                (COMMA, _) => open = false,
                _ => {}
            }
        }
        items
    }
}

impl Directive {
    /// The name, in lower case, and the value.
    pub fn parts(&self) -> Option<(String, String)> {
        let text = self.text();
        let parts = super::directive::known(&text)?;
        Some((parts.name.to_ascii_lowercase(), parts.value.to_owned()))
    }
}
