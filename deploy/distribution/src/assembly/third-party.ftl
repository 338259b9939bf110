Libraries of others in lib/, and the licences that their makers state. Each carries its own notices inside.

<#list dependencyMap as entry>
<#assign project = entry.getKey()/>
${project.artifactId}-${project.version} (${project.groupId}<#if project.url??>, ${project.url}</#if>): <#list entry.getValue() as licence>${licence}<#if licence_has_next>; </#if></#list>
</#list>
