// model2vec-rs, driven line by line (bench/peers/native.mjs): "<file> single|batch" encodes the file's lines and prints
// the milliseconds taken; "<file> vectors" prints the vectors of its first lines.
use model2vec_rs::model::StaticModel;
use std::{collections::HashMap, hint::black_box, io, time::Instant};

fn main() {
    let folder = std::env::args().nth(1).expect("a model's folder");
    let model = StaticModel::from_pretrained(&folder, None, None, None).expect("the model");
    let mut files: HashMap<String, Vec<String>> = HashMap::new();
    for line in io::stdin().lines() {
        let line = line.expect("a line");
        let (path, what) = line.rsplit_once(' ').expect("a path and what to do");
        let texts = files.entry(path.into()).or_insert_with(|| {
            let text = std::fs::read_to_string(path).expect("the texts");
            text.lines().map(String::from).collect()
        });
        if what == "vectors" {
            let first: Vec<String> = texts.iter().take(8).cloned().collect();
            println!("{:?}", model.encode(&first).concat());
            continue;
        }
        let start = Instant::now();
        if what == "batch" {
            black_box(model.encode(texts));
        } else {
            texts.iter().for_each(|text| drop(black_box(model.encode_single(text))));
        }
        println!("{}", start.elapsed().as_secs_f64() * 1e3);
    }
}
