//! The fingerprint of an alert whose sender gives none.

use std::collections::BTreeMap;

use smol_str::SmolStr;

/// The same as Prometheus computes it: FNV-1a over the labels in order, each name and value followed by the byte 255.
pub(super) fn fingerprint(labels: &BTreeMap<SmolStr, SmolStr>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |byte: u8| {
        hash ^= u64::from(byte);
        hash = hash.wrapping_mul(0x0100_0000_01b3);
    };
    for (name, value) in labels {
        for part in [name, value] {
            part.bytes().for_each(&mut add);
            add(255);
        }
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Alertmanager 0.25 sent it for these labels.
    #[test]
    fn it_is_the_one_that_alertmanager_gives() {
        let body: serde_json::Value = serde_json::from_str(include_str!("alertmanager_firing.json")).unwrap();
        let mut alerts = 0;
        for alert in body["alerts"].as_array().unwrap() {
            let labels: BTreeMap<SmolStr, SmolStr> = serde_json::from_value(alert["labels"].clone()).unwrap();
            assert_eq!(fingerprint(&labels), alert["fingerprint"]);
            alerts += 1;
        }
        assert!(alerts > 0);
    }
}
