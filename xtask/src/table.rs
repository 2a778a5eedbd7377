//! Tables in Markdown, which are as readable in a terminal.

/// Columns are as wide as their widest cell; all but the first `left` are numbers, to the right.
pub(crate) fn render(head: &[&str], rows: &[Vec<String>], left: usize) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column < left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths.iter().enumerate().map(|(column, width)| {
        let dashes = "-".repeat(width + 1);
        if column < left { format!("{dashes}-") } else { format!("{dashes}:") }
    });
    let mut out = line(head.to_vec());
    out.push_str(&format!("|{}|\n", rule.collect::<Vec<_>>().join("|")));
    for row in rows {
        out.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_stand_to_the_right() {
        let rows = [vec!["a long name".to_owned(), "7".into()], vec!["b".into(), "120".into()]];
        let expected = "\
            | what        |   n |\n\
            |-------------|----:|\n\
            | a long name |   7 |\n\
            | b           | 120 |\n";
        assert_eq!(super::render(&["what", "n"], &rows, 1), expected);
    }
}
