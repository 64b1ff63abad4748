//! Parts of a page: tables with bars beside their numbers, which say the same to those who see no bars.

use std::fmt::{self, Write};

use super::{change::visible, grouped};

/// A text in HTML, also between quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in visible(self.0).chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub(super) enum Cell {
    /// What the row is about, and the filter of the list of files to which it leads, if it does.
    Head(String, Option<String>),
    /// A word.
    Word(String),
    /// A number.
    Number(usize),
    /// A bar: parts with their classes, and what the whole track stands for.
    Bar(Vec<(&'static str, usize)>, usize),
}

/// So many rows are there at most: what is in a table is there from the beginning.
const MAX_ROWS: usize = 512;

/// A table; the rows past `most` are folded away, and of very many the rest is counted. Heads of columns of numbers
/// begin with `#`, and one that begins with `-` is left out where there is little room.
pub(super) fn table(caption: &str, heads: &[&str], rows: &[Vec<Cell>], most: usize) -> String {
    let (rows, untold) = rows.split_at(rows.len().min(MAX_ROWS));
    let (first, rest) = rows.split_at(rows.len().min(most));
    let mut out = part(caption, heads, first);
    if !rest.is_empty() {
        let more = part(&format!("{caption}, the rest"), heads, rest);
        let _ = write!(out, "<details><summary>{} more</summary>{more}</details>", grouped(rest.len()));
    }
    if !untold.is_empty() {
        let _ = write!(out, "<p>… and {} more</p>", grouped(untold.len()));
    }
    out
}

fn part(caption: &str, heads: &[&str], rows: &[Vec<Cell>]) -> String {
    // Writing to a string can't fail, here and below.
    let mut out = String::new();
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Table: {0}\"><table aria-label=\"{0}\"><thead><tr>",
        Escaped(caption)
    );
    for head in heads {
        let (class, head) = class_of(head);
        let head =
            if head.is_empty() { "<span class=\"hidden\">Bar</span>".to_owned() } else { Escaped(head).to_string() };
        let _ = write!(out, "<th scope=\"col\"{class}>{head}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for (cell, head) in row.iter().zip(heads) {
            let (class, _) = class_of(head);
            let _ = match cell {
                Cell::Head(word, None) => write!(out, "<th scope=\"row\">{}</th>", Escaped(word)),
                Cell::Head(word, Some(filter)) => write!(
                    out,
                    "<th scope=\"row\"><a href=\"#files\" data-filter=\"{}\">{}</a></th>",
                    Escaped(filter),
                    Escaped(word)
                ),
                Cell::Word(word) => write!(out, "<td{class}>{}</td>", Escaped(word)),
                Cell::Number(number) => write!(out, "<td{class}>{}</td>", grouped(*number)),
                Cell::Bar(parts, whole) => write!(out, "<td class=\"bar\">{}</td>", bar(parts, *whole)),
            };
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// The classes of a column, and its head without the marks.
fn class_of(head: &str) -> (String, &str) {
    let (less, head) = head.strip_prefix('-').map_or((false, head), |it| (true, it));
    let (number, head) = head.strip_prefix('#').map_or((false, head), |it| (true, it));
    let classes: Vec<&str> = [(number, "n"), (less, "less")].iter().filter(|it| it.0).map(|it| it.1).collect();
    let class = if classes.is_empty() { String::new() } else { format!(" class=\"{}\"", classes.join(" ")) };
    (class, head)
}

/// A bar without words: what it shows stands beside it.
pub(super) fn bar(parts: &[(&'static str, usize)], whole: usize) -> String {
    let mut out = "<div class=\"track\" aria-hidden=\"true\">".to_owned();
    for (class, part) in parts.iter().filter(|it| it.1 > 0) {
        // A percentage with one digit is finer than any screen.
        let width = *part as f64 * 100.0 / whole.max(1) as f64;
        let _ = write!(out, "<i class=\"{class}\" style=\"width:{width:.1}%\"></i>");
    }
    out.push_str("</div>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_element() {
        let evil = "</script><img src=x onerror='a(\"b\")'>&\u{202E}";
        let escaped = "&lt;/script&gt;&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt;&amp;\u{FFFD}";
        assert_eq!(Escaped(evil).to_string(), escaped);
        let rows = vec![vec![Cell::Head(evil.to_owned(), Some(evil.to_owned())), Cell::Word(evil.to_owned())]];
        assert!(!table(evil, &[evil, evil], &rows, 9).contains("<img"));
    }

    #[test]
    fn long_tables_fold() {
        let rows: Vec<Vec<Cell>> =
            (0..1_500).map(|it| vec![Cell::Number(it), Cell::Bar(vec![("full", it)], 1_500)]).collect();
        let html = table("Things", &["#Number", ""], &rows, 10);
        assert!(html.contains("<details><summary>502 more</summary>"), "{html}");
        assert_eq!((html.matches("<tr>").count(), html.contains("<p>… and 988 more</p>")), (514, true));
        assert!(html.contains("<i class=\"full\" style=\"width:25.0%\"></i>"));
    }
}
