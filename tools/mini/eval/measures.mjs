// How well vectors do, as numbers between 0 and 1 (correlations: -1 and 1). Vectors are rows of unit length.

/** @typedef {Float32Array[]} Rows */

/** @param {Float32Array} a @param {Float32Array} b */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Ranks from 1, equal values sharing their mean rank. @param {number[]} values */
function ranks(values) {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const out = new Float64Array(values.length);
  for (let i = 0; i < order.length;) {
    let end = i;
    while (end < order.length && values[order[end]] === values[order[i]]) end++;
    for (let k = i; k < end; k++) out[order[k]] = (i + end + 1) / 2;
    i = end;
  }
  return out;
}

/** Spearman's rank correlation. @param {number[]} a @param {number[]} b */
export function spearman(a, b) {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) ** 2;
    yy += (y[i] - mean) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

/** nDCG at 10 where each query has one relevant document. @param {Rows} queries @param {Rows} documents @param {number[]} relevant */
export function ndcg(queries, documents, relevant) {
  let total = 0;
  queries.forEach((query, i) => {
    const own = dot(query, documents[relevant[i]]);
    let better = 0;
    for (const document of documents) if (dot(query, document) > own) better++;
    if (better < 10) total += 1 / Math.log2(better + 2);
  });
  return total / queries.length;
}

/**
 * Accuracy of a ridge-regression classifier: least squares against one column a class, penalty `ridge`.
 * @param {Rows} train @param {number[]} trainLabels @param {Rows} test @param {number[]} testLabels
 */
export function classify(train, trainLabels, test, testLabels, ridge = 1) {
  const [n, classes] = [train[0].length + 1, Math.max(...trainLabels) + 1];
  const gram = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? ridge : 0)));
  const target = Array.from({ length: n }, () => new Float64Array(classes));
  train.forEach((row, r) => {
    const x = [...row, 1];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) gram[i][j] += x[i] * x[j];
      target[i][trainLabels[r]] += x[i];
    }
  });
  solve(gram, target);
  const right = test.filter((row, r) => {
    const scores = Array.from({ length: classes }, (_, c) => {
      let sum = target[n - 1][c];
      for (let i = 0; i < n - 1; i++) sum += row[i] * target[i][c];
      return sum;
    });
    return scores.indexOf(Math.max(...scores)) === testLabels[r];
  });
  return right.length / test.length;
}

/** Solves a positive definite system in place, by Cholesky. @param {Float64Array[]} a lower half @param {Float64Array[]} b */
function solve(a, b) {
  const n = a.length;
  for (let j = 0; j < n; j++) {
    for (let k = 0; k < j; k++) for (let i = j; i < n; i++) a[i][j] -= a[i][k] * a[j][k];
    const root = Math.sqrt(a[j][j]);
    for (let i = j; i < n; i++) a[i][j] /= root;
  }
  for (let c = 0; c < b[0].length; c++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) b[i][c] -= a[i][k] * b[k][c];
      b[i][c] /= a[i][i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) b[i][c] -= a[k][i] * b[k][c];
      b[i][c] /= a[i][i];
    }
  }
}

/** A generator of numbers in [0, 1) (mulberry32). @param {number} seed */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param {Rows} rows @param {number} count @param {() => number} random k-means++ */
function firstCentres(rows, count, random) {
  const centres = [rows[Math.floor(random() * rows.length)]];
  const distance = rows.map(() => Infinity);
  while (centres.length < count) {
    const newest = centres[centres.length - 1];
    rows.forEach((row, i) => (distance[i] = Math.min(distance[i], Math.max(0, 1 - dot(row, newest)))));
    let left = random() * distance.reduce((sum, d) => sum + d, 0);
    const next = distance.findIndex((d) => (left -= d) <= 0);
    centres.push(rows[Math.max(0, next)]);
  }
  return centres.map((centre) => Float32Array.from(centre));
}

/** The nearest centre of each row. @param {Rows} rows @param {Rows} centres */
const assign = (rows, centres) =>
  rows.map((row) => {
    const likeness = centres.map((centre) => dot(row, centre));
    return likeness.indexOf(Math.max(...likeness));
  });

/** @param {Rows} rows @param {number} count @param {number} seed spherical k-means, 25 rounds */
function kMeans(rows, count, seed) {
  const centres = firstCentres(rows, count, generator(seed));
  let found = assign(rows, centres);
  for (let round = 0; round < 25; round++) {
    for (const centre of centres) centre.fill(0);
    rows.forEach((row, i) => row.forEach((value, d) => (centres[found[i]][d] += value)));
    for (const centre of centres) {
      const norm = Math.sqrt(dot(centre, centre)) || 1;
      centre.forEach((value, d) => (centre[d] = value / norm));
    }
    found = assign(rows, centres);
  }
  return found;
}

/** Mean V-measure of ten k-means runs: a single one is a lottery, by up to 0.05. @param {Rows} rows @param {number[]} labels */
export function cluster(rows, labels) {
  const count = new Set(labels).size;
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const found = seeds.map((seed) => vMeasure(labels, kMeans(rows, count, seed)));
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

/** Harmonic mean of homogeneity and completeness. @param {number[]} classes @param {number[]} clusters */
export function vMeasure(classes, clusters) {
  /** @param {string[]} keys */
  const entropy = (keys) => {
    const counts = new Map();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, n) => sum - (n / keys.length) * Math.log(n / keys.length), 0);
  };
  const [c, k] = [entropy(classes.map(String)), entropy(clusters.map(String))];
  const both = entropy(classes.map((label, i) => `${label} ${clusters[i]}`));
  const shared = c + k - both;
  const [homogeneity, completeness] = [c ? shared / c : 1, k ? shared / k : 1];
  return homogeneity + completeness ? (2 * homogeneity * completeness) / (homogeneity + completeness) : 0;
}
