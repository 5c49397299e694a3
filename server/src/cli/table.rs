//! Tables without lines, as kubectl prints them: whole, or cut to the width of a terminal.

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table as Grid, Width, presets};

/// Columns of texts under headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The space between columns.
const GAP: usize = 3;

/// A column is cut to this width before a neighbour that is wider is cut at all.
const SHORT: usize = 8;

impl Table {
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row.iter().map(|cell| shown(cell)).collect());
    }

    /// The table as lines. Cells are cut with `…` where it would be wider than `width`.
    pub(crate) fn render(&self, width: Option<usize>) -> String {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_truncation_indicator("…");
        grid.set_header(self.header.clone());
        for cells in &self.rows {
            let mut row = Row::from(cells);
            // What does not fit in its line is cut.
            row.max_height(1);
            grid.add_row(row);
        }
        let mut widths: Vec<usize> = grid.column_max_content_widths().into_iter().map(usize::from).collect();
        if let Some(width) = width {
            let gaps = GAP * widths.len().saturating_sub(1);
            fit(&mut widths, width.saturating_sub(gaps));
        }
        grid.set_content_arrangement(ContentArrangement::Disabled);
        let last = widths.len().saturating_sub(1);
        for (index, column) in grid.column_iter_mut().enumerate() {
            let gap = if index == last { 0 } else { GAP as u16 };
            let content = widths.get(index).map_or(0, |width| u16::try_from(*width).unwrap_or(u16::MAX - gap));
            // A delimiter that is in no cell: cells are cut where the width ends and not at their last space.
            column.set_padding((0, gap)).set_delimiter('\u{0}');
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(content.saturating_add(gap))));
        }
        grid.trim_fmt() + "\n"
    }
}

/// Makes the widest columns smaller until all fit. Columns of a few letters are left whole as long as that is possible.
fn fit(widths: &mut [usize], width: usize) {
    let mut spare = widths.iter().sum::<usize>().saturating_sub(width);
    while spare > 0 {
        let Some(widest) = widths.iter_mut().filter(|width| **width > SHORT).max() else { return };
        *widest -= 1;
        spare -= 1;
    }
}

/// A text in one line, without what a terminal would take for commands.
fn shown(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["NAME", "STATE", "LABELS"]);
        table.push(vec!["clicks".into(), "RUNNING".into(), "a=b,c=d,e=f,with space".into()]);
        table.push(vec!["größer\u{1b}[2J".into(), "-".into(), String::new()]);
        table
    }

    #[test]
    fn a_table_is_whole_without_a_width() {
        let expected = "NAME         STATE     LABELS\nclicks       RUNNING   a=b,c=d,e=f,with space\ngrößer [2J   -\n";
        assert_eq!(table().render(None), expected);
        assert_eq!(table().render(Some(200)), expected);
    }

    #[test]
    fn the_widest_cells_are_cut_to_the_width() {
        let text = table().render(Some(40));
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("clicks       RUNNING   a=b,c=d,e=f,with…\n"), "{text}");
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(Table::new(&["NAME", "AGE"]).render(Some(80)), "NAME   AGE\n");
    }
}
