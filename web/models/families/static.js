/** `model_type` of Model2Vec's static models, which have a table and no transformer. */
export const MODEL2VEC = 'model2vec';
