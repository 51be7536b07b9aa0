namespace Packaging.Tests.Kit;

/// <summary>How a program ended.</summary>
internal sealed record ShellResult(int Code, string Output, string Errors);
