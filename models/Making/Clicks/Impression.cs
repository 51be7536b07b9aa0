namespace ModelMaking.Clicks;

/// <summary>Somebody was shown something.</summary>
/// <param name="User">Who, from 0.</param>
/// <param name="Item">What, from 0.</param>
/// <param name="Ids">All fields, as numbers in the one vocabulary.</param>
/// <param name="Clicked">Whether it was clicked.</param>
/// <param name="Probability">How likely that was: the truth that no model can beat.</param>
internal sealed record Impression(int User, int Item, int[] Ids, bool Clicked, double Probability);
