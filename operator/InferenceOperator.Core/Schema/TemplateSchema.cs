namespace InferenceOperator.Core.Schema;

/// <summary>The schema of <c>spec.template</c>: what people set most is checked, the rest of a pod passes to the API server, which checks it.</summary>
internal static class TemplateSchema
{
    private static readonly SchemaNode Amounts = new SchemaNode.Map(new SchemaNode.Amount(), 32);

    private static readonly SchemaNode Toleration = new SchemaNode.Object(
    [
        new("key", new SchemaNode.Text { LengthMax = 317, Description = "Key of the taint; empty with Exists: every key." }),
        new("operator", new SchemaNode.Choice(["Exists", "Equal"]) { Description = "Equal unless given." }),
        new("value", new SchemaNode.Text { LengthMax = 63, Description = "Value of the taint." }),
        new("effect", new SchemaNode.Choice(["NoSchedule", "PreferNoSchedule", "NoExecute"]) { Description = "Effect of the taint; unset: every effect." }),
        new("tolerationSeconds", new SchemaNode.Whole(0, int.MaxValue) { Description = "Seconds that NoExecute is tolerated; unset: for ever." }),
    ]) { Description = "One toleration." };

    /// <summary>What becomes of the entry or object that is there already.</summary>
    private static readonly SchemaField Patch = new("$patch", new SchemaNode.Choice(["merge", "replace", "delete"])
    {
        Description = "As in a strategic merge patch. delete: take away what the operator put there; replace: put this in its place. Unset: merge.",
    });

    private static readonly SchemaNode Variable = new SchemaNode.Object(
    [
        new("name", new SchemaNode.Text { LengthMax = 256, Description = "Name of the environment variable." }, Required: true),
        new("value", new SchemaNode.Text { LengthMax = 32_768, Description = "Its value." }),
        new("valueFrom", new SchemaNode.Anything { Description = "Where its value comes from, as in a pod: secretKeyRef, configMapKeyRef, fieldRef, resourceFieldRef." }),
        Patch,
    ]) { Description = "One environment variable." };

    public static SchemaNode.Object Root { get; } = new(
    [
        new("resources", new SchemaNode.Object(
        [
            new("requests", Amounts with { Description = "Resources reserved for the runtime's container." }),
            new("limits", Amounts with { Description = "Most that the runtime's container may use; the runtime sizes its threads to the CPU limit." }),
            Patch,
        ]) { Description = "CPU, memory and further resources of the runtime's container. GPUs are declared in spec.gpu." }),
        new("env", new SchemaNode.List(Variable, 256) { Key = "name", Description = "Environment variables of the runtime's container." }),
        new("nodeSelector", new SchemaNode.Map(new SchemaNode.Text { LengthMax = 63 }, 64) { Description = "Labels that a node must have." }),
        new("tolerations", new SchemaNode.List(Toleration, 64) { Description = "Taints that are tolerated." }),
    ])
    {
        PreservesUnknown = true,
        Description = "Merged into the pod as a strategic merge patch: objects field by field; containers, env, volumes, imagePullSecrets by name, volumeMounts by mountPath, ports by containerPort, topologySpreadConstraints by topologyKey; other lists, such as tolerations, replace what was there; $patch: delete or replace is understood. resources, env, envFrom, volumeMounts, image and imagePullPolicy go to the runtime's container; every other field is one of a pod's spec, such as affinity, priorityClassName, serviceAccountName, or containers, where the runtime's is called 'runtime'. A change replaces the pods, unless it says the same in other words.",
    };
}
