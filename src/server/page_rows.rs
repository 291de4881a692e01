//! Pages of lists end after a number of rows, and after a number of bytes. The ids of a page are read first. Then the
//! content is read of those whose rows fit into [`PAGE_BYTES`] (`ids_within` in migrations/0020), so that a page of
//! large rows costs no more memory than it shows.

/// Maximum content of a page that has more than one row.
pub const PAGE_BYTES: usize = 2 << 20;
/// The same for statements.
pub const PAGE_BUDGET: i64 = PAGE_BYTES as i64;

/// The ids of one page in its order, and whether more follow.
#[derive(Debug, Clone)]
pub struct PageIds<I> {
    pub ids: Vec<I>,
    has_more: bool,
}

impl<I> PageIds<I> {
    /// The page among ids that were read with one more than the page size.
    pub fn first(page_size: usize, mut ids: Vec<I>) -> Self {
        let has_more = ids.len() > page_size;
        ids.truncate(page_size);
        Self { ids, has_more }
    }

    /// The rows that were read for these ids. There are fewer if the others did not fit.
    pub fn with_rows<T>(&self, rows: Vec<T>) -> PageRows<T> {
        PageRows { has_more: self.has_more || rows.len() < self.ids.len(), rows }
    }
}

/// The rows of one page, and whether more follow.
#[derive(Debug, Clone)]
pub struct PageRows<T> {
    pub rows: Vec<T>,
    pub has_more: bool,
}

impl<T> PageRows<T> {
    /// The page among rows that were read with one more than the page size. For rows that are always small.
    pub fn first(page_size: usize, mut rows: Vec<T>) -> Self {
        let has_more = rows.len() > page_size;
        rows.truncate(page_size);
        Self { rows, has_more }
    }

    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> PageRows<U> {
        PageRows { rows: self.rows.into_iter().map(convert).collect(), has_more: self.has_more }
    }

    /// Drops the rows after the first ones that have at most [`PAGE_BYTES`] together, but never the first row.
    pub fn end_after_bytes(&mut self, size: impl Fn(&T) -> usize) {
        let mut total: usize = 0;
        let fitting = self.rows.iter().take_while(|row| {
            let is_first = total == 0;
            total = total.saturating_add(size(row).max(1));
            is_first || total <= PAGE_BYTES
        });
        let count = fitting.count();
        self.has_more |= count < self.rows.len();
        self.rows.truncate(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_after_its_rows_or_its_bytes_and_has_at_least_one_row() {
        let page = |sizes: &[usize]| {
            let mut page = PageRows::first(3, sizes.to_vec());
            page.end_after_bytes(|size| *size);
            (page.rows.len(), page.has_more)
        };
        for (sizes, expected) in [
            (&[][..], (0, false)),
            (&[1, 1, 1], (3, false)),
            (&[1, 1, 1, 1], (3, true)),
            (&[0, 0, PAGE_BYTES], (2, true)),
            (&[PAGE_BYTES, 0], (1, true)),
            (&[PAGE_BYTES + 1], (1, false)),
            (&[PAGE_BYTES + 1, 1], (1, true)),
            (&[PAGE_BYTES / 2, PAGE_BYTES / 2], (2, false)),
            (&[PAGE_BYTES / 2, PAGE_BYTES / 2 + 1, 1], (1, true)),
        ] {
            assert_eq!(page(sizes), expected, "{sizes:?}");
        }
    }

    #[test]
    fn rows_that_were_not_read_follow_on_the_next_page() {
        let ids = PageIds::first(3, vec![1, 2, 3]);
        assert!(!ids.with_rows(vec![(); 3]).has_more && ids.with_rows(vec![(); 2]).has_more);
        assert!(PageIds::first(2, vec![1, 2, 3]).with_rows(vec![(); 2]).has_more);
    }
}
