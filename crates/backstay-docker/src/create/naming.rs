//! Names and numbers of candidates.

use std::collections::BTreeSet;

/// The number of a new container that Compose has numbered `number`.
///
/// Compose counts on from the highest number that it sees. Where some containers of a service stay and others are replaced,
/// the new ones get the numbers of those that they replace, and only then higher ones.
pub(crate) fn renumber(number: u32, visible: &BTreeSet<u32>, replaced: &BTreeSet<u32>) -> u32 {
    let Some(&highest) = visible.last() else { return number };
    if number <= highest || replaced.is_empty() {
        return number;
    }
    let index = number - highest - 1;
    let mut free = replaced.difference(visible);
    let count = u32::try_from(free.clone().count()).unwrap_or(u32::MAX);
    if index < count {
        return free.nth(index as usize).copied().unwrap_or(number);
    }
    highest.max(replaced.last().copied().unwrap_or(0)) + index - count + 1
}

/// A container's name with another number at its end.
pub(crate) fn with_number(name: &str, from: u32, to: u32) -> String {
    let from = from.to_string();
    match name.strip_suffix(&from) {
        Some(stem) if stem.ends_with(['-', '_']) => format!("{stem}{to}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_containers_take_the_numbers_of_those_they_replace() {
        let set = |numbers: &[u32]| numbers.iter().copied().collect::<BTreeSet<_>>();
        let new = |numbers: &[u32], visible: &[u32], replaced: &[u32]| {
            let (visible, replaced) = (set(visible), set(replaced));
            numbers.iter().map(|n| renumber(*n, &visible, &replaced)).collect::<Vec<_>>()
        };
        assert_eq!(new(&[1, 2, 3], &[], &[1, 2]), [1, 2, 3]);
        assert_eq!(new(&[3], &[1, 2], &[]), [3]);
        assert_eq!(new(&[3], &[2], &[1]), [1]);
        assert_eq!(new(&[3, 4, 5], &[2], &[1, 3]), [1, 3, 4]);
        assert_eq!(new(&[2, 3], &[1], &[2, 3]), [2, 3]);
    }

    #[test]
    fn only_a_number_at_the_end_is_replaced() {
        assert_eq!(with_number("shop-web-3", 3, 1), "shop-web-1");
        assert_eq!(with_number("shop_web_3", 3, 1), "shop_web_1");
        assert_eq!(with_number("web3", 3, 1), "web3");
    }
}
