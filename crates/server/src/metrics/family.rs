//! [`MetricFamilies`]: metrics as they are found, and their text as Prometheus reads it.

use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Encoder, TextEncoder};
use rbl_store::DurationHistogram;

/// Metrics in the order in which they are shown.
#[derive(Default)]
pub(super) struct MetricFamilies(Vec<MetricFamily>);

/// A name and a value, which together tell one sample from the others of its family.
pub(super) type MetricLabel<'a> = (&'a str, &'a str);

impl MetricFamilies {
    /// A value that rises and falls.
    pub(super) fn gauge(&mut self, name: &str, help: &str, value: f64) {
        self.gauges(name, help, [(None, value)]);
    }

    /// Several of them, each with its label. A family without samples is left out.
    pub(super) fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Option<MetricLabel<'a>>, f64)>,
    ) {
        let samples = samples.into_iter().map(|(label, value)| {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            let mut metric = labelled(label.into_iter());
            metric.set_gauge(gauge);
            metric
        });
        self.family(name, help, MetricType::GAUGE, samples.collect());
    }

    /// A count since the start of the process.
    pub(super) fn counter(&mut self, name: &str, help: &str, count: u64) {
        self.counters(name, help, [(Vec::new(), count)]);
    }

    /// Several of them, each with its labels. A family without samples is left out.
    pub(super) fn counters<'a>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Vec<MetricLabel<'a>>, u64)>,
    ) {
        let samples = samples.into_iter().map(|(labels, count)| {
            let mut counter = Counter::default();
            counter.set_value(count as f64);
            let mut metric = labelled(labels.into_iter());
            metric.set_counter(counter);
            metric
        });
        self.family(name, help, MetricType::COUNTER, samples.collect());
    }

    /// How long something took.
    pub(super) fn histogram(&mut self, name: &str, help: &str, durations: &DurationHistogram) {
        let bucket = |(bound, count): &(f64, u64)| {
            let mut bucket = Bucket::default();
            bucket.set_upper_bound(*bound);
            bucket.set_cumulative_count(*count);
            bucket
        };
        let mut histogram = Histogram::default();
        histogram.set_sample_count(durations.count);
        histogram.set_sample_sum(durations.sum);
        histogram.set_bucket(durations.buckets.iter().map(bucket).collect());
        let mut metric = Metric::default();
        metric.set_histogram(histogram);
        self.family(name, help, MetricType::HISTOGRAM, vec![metric]);
    }

    /// The text of all of them.
    ///
    /// Errors: a name that Prometheus does not take.
    pub(super) fn text(&self) -> Result<String, String> {
        TextEncoder::new().encode_to_string(&self.0).map_err(|why| why.to_string())
    }

    /// What kind of text that is.
    pub(super) fn content_type() -> String {
        format!("{}; charset=utf-8", TextEncoder::new().format_type())
    }

    fn family(&mut self, name: &str, help: &str, kind: MetricType, samples: Vec<Metric>) {
        if samples.is_empty() {
            return;
        }
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_field_type(kind);
        family.set_metric(samples);
        self.0.push(family);
    }
}

fn labelled<'a>(labels: impl Iterator<Item = MetricLabel<'a>>) -> Metric {
    let pair = |(name, value): MetricLabel<'_>| {
        let mut pair = LabelPair::default();
        pair.set_name(name.to_owned());
        pair.set_value(value.to_owned());
        pair
    };
    Metric::from_label(labels.map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_what_is_empty_is_left_out() {
        let mut families = MetricFamilies::default();
        families.gauges("rbl_runbook_broken", "One that is broken.", [(Some(("file", "a \"b\"\\c\n")), 1.0)]);
        families.gauges("rbl_none", "None.", []);
        families.counter("rbl_x_total", "Some.", 3);
        let text = families.text().unwrap();
        let expected = "# HELP rbl_runbook_broken One that is broken.\n# TYPE rbl_runbook_broken gauge\n\
            rbl_runbook_broken{file=\"a \\\"b\\\"\\\\c\\n\"} 1\n# HELP rbl_x_total Some.\n# TYPE rbl_x_total counter\n\
            rbl_x_total 3\n";
        assert_eq!(text, expected);
    }
}
