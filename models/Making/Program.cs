using ModelMaking;

if (args is not [var folder])
{
    await Console.Error.WriteLineAsync("model-making FOLDER: writes click-through.onnx, recommender.onnx and their test rows there").ConfigureAwait(false);
    return 2;
}

var models = ClickModels.Make(ClickModels.Impressions);
Directory.CreateDirectory(folder);
await File.WriteAllBytesAsync(Path.Combine(folder, "click-through.onnx"), models.ClickThrough).ConfigureAwait(false);
await File.WriteAllTextAsync(Path.Combine(folder, "click-through-test.csv"), models.ClickThroughTest).ConfigureAwait(false);
await File.WriteAllBytesAsync(Path.Combine(folder, "recommender.onnx"), models.Recommender).ConfigureAwait(false);
await File.WriteAllTextAsync(Path.Combine(folder, "recommender-test.csv"), models.RecommenderTest).ConfigureAwait(false);
return 0;
