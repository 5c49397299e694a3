//! Tables without lines, as kubectl prints them: whole, or cut to the width of a terminal.

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table as Grid, Width, presets};

use super::safe::shown;

/// Columns of texts under headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The column that is cut last, because the next command needs what is in it.
    key: usize,
}

/// The space between columns.
const GAP: usize = 3;

/// A column is not cut to less than this, and its key not to less than twice as much.
const SHORT: usize = 8;

/// Stands for the part of a cell that was cut.
const MORE: &str = "…";

impl Table {
    pub(crate) fn new(header: &[&str]) -> Self {
        let key = usize::from(header.first().is_some_and(|first| ["NAMESPACE", "CURRENT"].contains(first)));
        Self { header: header.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new(), key }
    }

    pub(crate) fn push(&mut self, row: Vec<String>) {
        self.rows.push(row.iter().map(|cell| shown(cell)).collect());
    }

    /// The table as lines. Where it would be wider than `width`, cells are cut; where that is not enough, the last
    /// columns are left out.
    pub(crate) fn render(&self, width: Option<usize>) -> String {
        let mut widths = self.widths();
        let fits = width.is_none_or(|width| self.fit(&mut widths, width));
        let row = |cells: &[String]| {
            let more = (!fits).then(|| MORE.to_owned());
            let mut row = Row::from(cells.iter().take(widths.len()).cloned().chain(more).collect::<Vec<_>>());
            // A row has one line, so that scripts can count rows: a cell that does not fit is cut.
            row.max_height(1);
            row
        };
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_truncation_indicator(MORE);
        grid.set_header(row(&self.header)).set_content_arrangement(ContentArrangement::Disabled);
        grid.add_rows(self.rows.iter().map(|cells| row(cells)));
        widths.extend((!fits).then_some(1));
        for (column, width) in grid.column_iter_mut().zip(&widths) {
            // A delimiter that is in no cell: cells are cut where the width ends and not at their last space.
            column.set_padding((0, GAP as u16)).set_delimiter('\u{0}');
            let width = u16::try_from(width + GAP).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
        }
        grid.trim_fmt() + "\n"
    }

    /// How wide each column is when nothing is cut.
    fn widths(&self) -> Vec<usize> {
        let mut grid = Grid::new();
        grid.set_header(self.header.clone()).add_rows(&self.rows);
        grid.column_max_content_widths().into_iter().map(usize::from).collect()
    }

    /// Makes columns smaller until all fit, and answers whether none had to be left out.
    fn fit(&self, widths: &mut Vec<usize>, width: usize) -> bool {
        let least: Vec<usize> = widths.iter().enumerate().map(|(column, width)| self.least(column, *width)).collect();
        let needed = |count: usize| least[..count].iter().sum::<usize>() + GAP * (count - 1);
        let all = widths.len();
        while widths.len() > self.key + 2 && needed(widths.len()) + (GAP + 1) * usize::from(widths.len() < all) > width
        {
            widths.pop();
        }
        let gaps = GAP * (widths.len() - 1) + (GAP + 1) * usize::from(widths.len() < all);
        let mut spare = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
        while spare > 0 {
            // The widest column is cut first, one character at a time, so that short ones stay whole as long as
            // possible.
            let others = (0..widths.len()).filter(|column| *column != self.key && widths[*column] > least[*column]);
            let widest = others.max_by_key(|column| widths[*column]).unwrap_or(self.key);
            if widths[widest] <= 1 {
                break;
            }
            widths[widest] -= 1;
            spare -= 1;
        }
        widths.len() == all
    }

    /// How narrow a column may become: headers stay whole.
    fn least(&self, column: usize, width: usize) -> usize {
        let least = if column == self.key { 2 * SHORT } else { SHORT };
        width.min(least.max(self.header[column].chars().count()))
    }
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
        let expected = "NAME              STATE     LABELS\nclicks            RUNNING   a=b,c=d,e=f,with space\ngrößer\\u001b[2J   -\n";
        assert_eq!(table().render(None), expected);
        assert_eq!(table().render(Some(200)), expected);
    }

    #[test]
    fn the_widest_cells_are_cut_to_the_width() {
        let text = table().render(Some(40));
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("clicks            RUNNING   a=b,c=d,e=f…\n"), "{text}");
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn headers_stay_whole_names_are_cut_last_and_what_has_no_space_is_left_out() {
        let mut table = Table::new(&["NAME", "DESCRIPTION", "MODIFIED"]);
        table.push(vec!["quite-a-long-name".into(), "some more words".into(), "5d".into()]);
        assert_eq!(
            table.render(Some(42)),
            "NAME                DESCRIPTION   MODIFIED\nquite-a-long-name   some more …   5d\n"
        );
        assert_eq!(
            table.render(Some(41)),
            "NAME               DESCRIPTION   MODIFIED\nquite-a-long-na…   some more …   5d\n"
        );
        assert_eq!(
            table.render(Some(36)),
            "NAME                DESCRIPTION    …\nquite-a-long-name   some more w…   …\n"
        );
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(Table::new(&["NAME", "AGE"]).render(Some(80)), "NAME   AGE\n");
    }
}
