namespace ModelMaking.Clicks;

/// <summary>A synthetic log of clicks, in the order of time.</summary>
/// <remarks>
/// Each user and each item has a taste of four numbers and clicks follow
/// logit = −2.6 + 1.5·⟨user, item⟩ + item's attraction + category by device + category by hour + position.
/// Items are shown by popularity, 1/(rank + 30); a category gathers items of like taste.
/// </remarks>
internal static class ClickLog
{
    private const int Tastes = 4;
    private const double Base = -2.6;
    private const double TasteWeight = 1.5;
    private const double AttractionSpread = 0.5;
    private const double CategorySpread = 0.35;
    private const double PopularityOffset = 30;
    private static readonly double[] PositionEffects = [0.6, 0.2, -0.2, -0.6];

    public static Impression[] Draw(int impressions, ulong seed)
    {
        var random = new RandomStream(seed);
        var (users, items, categories, devices, hours) = (
            Size(ClickField.User), Size(ClickField.Item), Size(ClickField.Category), Size(ClickField.Device), Size(ClickField.Hour));
        var userTastes = Normals(random, users * Tastes, 1 / Math.Sqrt(Tastes) * 1.6);
        var centres = Normals(random, categories * Tastes, 0.9);
        var category = Enumerable.Range(0, items).Select(_ => random.Next(categories)).ToArray();
        var itemTastes = new double[items * Tastes];
        for (var i = 0; i < itemTastes.Length; i++)
        {
            itemTastes[i] = centres[(category[i / Tastes] * Tastes) + (i % Tastes)] + (0.5 * random.NextNormal());
        }

        var attraction = Normals(random, items, AttractionSpread);
        var byDevice = Normals(random, categories * devices, CategorySpread);
        var byHour = Normals(random, categories * hours, CategorySpread);
        var shown = Cumulative(items);
        var log = new Impression[impressions];
        for (var n = 0; n < impressions; n++)
        {
            var user = random.Next(users);
            var item = Pick(shown, random.Next());
            var (device, hour, position) = (random.Next(devices), random.Next(hours), random.Next(PositionEffects.Length));
            var taste = 0.0;
            for (var k = 0; k < Tastes; k++)
            {
                taste += userTastes[(user * Tastes) + k] * itemTastes[(item * Tastes) + k];
            }

            var logit = Base + (TasteWeight * taste) + attraction[item] + byDevice[(category[item] * devices) + device] + byHour[(category[item] * hours) + hour] + PositionEffects[position];
            var probability = ExactMath.Sigmoid(logit);
            int[] ids =
            [
                ClickFields.Id(ClickField.User, user), ClickFields.Id(ClickField.Item, item), ClickFields.Id(ClickField.Category, category[item]),
                ClickFields.Id(ClickField.Device, device), ClickFields.Id(ClickField.Hour, hour), ClickFields.Id(ClickField.Position, position),
            ];
            log[n] = new Impression(user, item, ids, random.Next() < probability, probability);
        }

        return log;
    }

    private static int Size(ClickField field) => ClickFields.Sizes[(int)field];

    private static double[] Normals(RandomStream random, int count, double spread) => [.. Enumerable.Range(0, count).Select(_ => spread * random.NextNormal())];

    private static double[] Cumulative(int items)
    {
        var sums = new double[items];
        var sum = 0.0;
        for (var i = 0; i < items; i++)
        {
            sum += 1 / (i + PopularityOffset);
            sums[i] = sum;
        }

        return [.. sums.Select(value => value / sum)];
    }

    private static int Pick(double[] cumulative, double value)
    {
        var found = Array.BinarySearch(cumulative, value);
        return Math.Min(found >= 0 ? found + 1 : ~found, cumulative.Length - 1);
    }
}
