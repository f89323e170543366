use rbl::source::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let s = Source::new(path, text.as_str());
    let p = rbl::syntax::parse(SourceId(0), &text);
    for d in &p.diagnostics {
        let at = d.place().map(|p| s.line_column(p.span.start)).unwrap();
        println!("{}:{} {} {} | {} | {:?}", at.line, at.column, d.code, d.message, d.labels[0].text, d.help);
    }
    if std::env::args().nth(2).is_some() {
        println!("{}", serde_json::to_string_pretty(&p.file).unwrap());
    }
    println!("{} items", p.file.items.len());
}
