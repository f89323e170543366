//! Names of the language, made of the words of a document.

/// A name made of words: `<Pod-Name>` becomes `pod_name`. `None` if no letter is in it.
pub(crate) fn identifier(words: &str) -> Option<String> {
    let mut name = String::new();
    let mut before = ' ';
    for c in words.trim().chars() {
        if c.is_ascii_alphanumeric() {
            // `podName` is two words, `POD` is one.
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        before = c;
    }
    let name = name.trim_matches('_').to_owned();
    if !name.chars().any(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = if name.starts_with(|c: char| c.is_ascii_digit()) { format!("the_{name}") } else { name };
    let cut: String = name.chars().take(40).collect();
    let cut = cut.trim_end_matches('_').to_owned();
    let is_word = rbl_syntax::is_reserved(&cut) || rbl_syntax::begins_statement(&cut);
    Some(if is_word { format!("{cut}_name") } else { cut })
}

/// A name that none of these is yet.
pub(crate) fn unique(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    let numbered = |number: u32| format!("{name}_{number}");
    // Mostly the numbers are taken one after the other: the end of them is found without a look at each.
    let (mut is_taken, mut is_free) = (1, 2);
    while taken(&numbered(is_free)) {
        (is_taken, is_free) = (is_free, is_free.saturating_mul(2));
        if is_taken == is_free {
            return name.to_owned();
        }
    }
    while is_free - is_taken > 1 {
        let between = u32::midpoint(is_taken, is_free);
        if taken(&numbered(between)) {
            is_taken = between;
        } else {
            is_free = between;
        }
    }
    numbered(is_free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_taken_get_the_next_number() {
        let mut known = std::collections::BTreeSet::new();
        for number in 1..200 {
            let name = unique("a", |it| known.contains(it));
            let wanted = if number == 1 { "a".to_owned() } else { format!("a_{number}") };
            assert_eq!(name, wanted);
            known.insert(name);
        }
    }

    #[test]
    fn words_become_names() {
        let name = |words: &str| identifier(words).unwrap_or_default();
        assert_eq!(name("<Pod-Name>"), "pod_name");
        assert_eq!(name("podName"), "pod_name");
        assert_eq!(name("$OVNKUBE-MASTER-POD-NAME"), "ovnkube_master_pod_name");
        assert_eq!(name("2 words"), "the_2_words");
        assert_eq!(name("step"), "step_name");
        assert_eq!(identifier("…"), None);
    }
}
